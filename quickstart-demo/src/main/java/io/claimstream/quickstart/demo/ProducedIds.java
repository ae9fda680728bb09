/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Ascending ids and whether each has arrived. Keeps the last few million; older ones are removed
 * once all their neighbours have arrived, so that an endless run uses bounded memory. Guarded by
 * its owner's lock.
 */
final class ProducedIds {
  private static final int CHUNK = 1 << 16;
  private static final int KEPT_CHUNKS = 128;

  private final TreeMap<EntryId, Chunk> chunks = new TreeMap<>();
  private EntryId last = EntryId.ZERO;
  private EntryId forgotten = EntryId.ZERO;
  private long size;
  private long arrived;

  enum Arrival {
    FIRST,
    AGAIN,
    UNKNOWN
  }

  void add(EntryId id) {
    if (!id.isAfter(last)) {
      throw new IllegalStateException("Redis returned id " + id + " after " + last);
    }
    Map.Entry<EntryId, Chunk> newest = chunks.lastEntry();
    if (newest == null || newest.getValue().size == CHUNK) {
      forgetOldest();
      Chunk chunk = new Chunk();
      chunk.add(id);
      chunks.put(id, chunk);
    } else {
      newest.getValue().add(id);
    }
    last = id;
    size++;
  }

  private void forgetOldest() {
    if (chunks.size() >= KEPT_CHUNKS && chunks.firstEntry().getValue().complete()) {
      forgotten = chunks.pollFirstEntry().getValue().id(CHUNK - 1);
    }
  }

  /** Returns whether this id or a higher one was added. */
  boolean reaches(EntryId id) {
    return !id.isAfter(last);
  }

  Arrival arrive(EntryId id) {
    if (!id.isAfter(forgotten)) {
      return Arrival.AGAIN;
    }
    Map.Entry<EntryId, Chunk> chunk = chunks.floorEntry(id);
    Arrival arrival = chunk == null ? Arrival.UNKNOWN : chunk.getValue().arrive(id);
    if (arrival == Arrival.FIRST) {
      arrived++;
    }
    return arrival;
  }

  long size() {
    return size;
  }

  long arrived() {
    return arrived;
  }

  /** Returns the lowest ids that have not arrived, up to a maximum number. */
  List<EntryId> missing(int most) {
    List<EntryId> missing = new ArrayList<>();
    for (Chunk chunk : chunks.values()) {
      for (int i = chunk.arrived.nextClearBit(0);
          i < chunk.size && missing.size() < most;
          i = chunk.arrived.nextClearBit(i + 1)) {
        missing.add(chunk.id(i));
      }
    }
    return missing;
  }

  private static final class Chunk {
    private final long[] millis = new long[CHUNK];
    private final long[] sequences = new long[CHUNK];
    private final BitSet arrived = new BitSet();
    private int size;

    void add(EntryId id) {
      millis[size] = id.millis();
      sequences[size] = id.sequence();
      size++;
    }

    EntryId id(int index) {
      return new EntryId(millis[index], sequences[index]);
    }

    boolean complete() {
      return arrived.cardinality() == size;
    }

    Arrival arrive(EntryId id) {
      int low = 0;
      int high = size - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        int order = id(middle).compareTo(id);
        if (order == 0) {
          if (arrived.get(middle)) {
            return Arrival.AGAIN;
          }
          arrived.set(middle);
          return Arrival.FIRST;
        }
        if (order < 0) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return Arrival.UNKNOWN;
    }
  }
}
