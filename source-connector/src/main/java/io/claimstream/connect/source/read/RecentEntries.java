/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Last entries that a consumer received: their ids and hashes of their contents. After Redis has
 * lost data, it shows which entries of a stream are unchanged. An id alone does not, because a
 * server whose last id or clock is behind assigns it again. Task thread only.
 */
final class RecentEntries {
  private static final int FIRST_CAPACITY = 256;

  /** Maximum entries, of 20 bytes each: far more than a replica lags by. */
  private static final int MOST = 1 << 16;

  /**
   * Length from which a checksum is faster: processors have an instruction for it, whereas {@code
   * Arrays.hashCode} of Java 17 takes almost a nanosecond for each byte.
   */
  private static final int LONG = 64;

  private final CRC32C checksum = new CRC32C();
  private final int most;
  private long[] millis;
  private long[] sequences;
  private int[] hashes;
  private int first;
  private int size;
  private @Nullable EntryId last;
  private @Nullable EntryId horizon;
  private @Nullable EntryId shared;

  RecentEntries() {
    this(MOST);
  }

  RecentEntries(int most) {
    this.most = most;
    int capacity = Math.min(most, FIRST_CAPACITY);
    this.millis = new long[capacity];
    this.sequences = new long[capacity];
    this.hashes = new int[capacity];
  }

  /** Result of comparing an entry with those received before. */
  enum Match {
    SAME,
    /** The id is known, with different content. */
    OTHER,
    UNKNOWN
  }

  /**
   * The id above which all entries were delivered to this consumer and are known; null before
   * {@link #begin}.
   */
  @Nullable EntryId horizon() {
    return horizon;
  }

  /**
   * The id up to which other consumers of this connector may have received entries; null if none.
   */
  @Nullable EntryId shared() {
    return shared;
  }

  /** Sets the start if it is not set: entries after it are delivered to this consumer alone. */
  void begin(EntryId after) {
    if (horizon == null) {
      horizon = after;
    }
  }

  /** Records that other consumers of this connector may have received entries up to an id. */
  void sharedUpTo(EntryId id) {
    if (shared == null || id.isAfter(shared)) {
      shared = id;
    }
    unknownUpTo(id);
  }

  /** Records that entries up to an id may have been received without being known here. */
  void unknownUpTo(EntryId id) {
    if (horizon == null || id.isAfter(horizon)) {
      horizon = id;
    }
  }

  /** Removes the entries after {@code floor}, because they are delivered again. */
  void backTo(EntryId floor) {
    while (size > 0 && id(size - 1).isAfter(floor)) {
      size--;
    }
    last = size == 0 ? null : id(size - 1);
    if (horizon != null && horizon.isAfter(floor)) {
      horizon = floor;
    }
    if (shared != null && shared.isAfter(floor)) {
      shared = floor;
    }
  }

  /**
   * Adds an entry that was read. An entry that is read again is ignored, unless its content
   * differs.
   */
  void add(StreamEntry entry) {
    if (last != null && !entry.id().isAfter(last)) {
      if (match(entry) != Match.OTHER) {
        return;
      }
      // added after Redis lost data, as are all ids from there on
      backTo(entry.id().previous());
    }
    last = entry.id();
    if (size == millis.length) {
      grow();
    }
    if (size == millis.length) {
      EntryId oldest = id(0);
      first = (first + 1) % millis.length;
      size--;
      unknownUpTo(oldest);
    }
    int at = (first + size) % millis.length;
    millis[at] = entry.id().millis();
    sequences[at] = entry.id().sequence();
    hashes[at] = hash(entry);
    size++;
  }

  private void grow() {
    int capacity = Math.min(most, 2 * millis.length);
    if (capacity > millis.length) {
      // the ring has not wrapped around yet
      millis = Arrays.copyOf(millis, capacity);
      sequences = Arrays.copyOf(sequences, capacity);
      hashes = Arrays.copyOf(hashes, capacity);
    }
  }

  /** Compares an entry of the stream with the one received under the same id. */
  Match match(StreamEntry entry) {
    int index = indexOf(entry.id());
    if (index < 0) {
      return Match.UNKNOWN;
    }
    return hashes[(first + index) % hashes.length] == hash(entry) ? Match.SAME : Match.OTHER;
  }

  /** Whether an entry with that id was received. */
  boolean knows(EntryId id) {
    return indexOf(id) >= 0;
  }

  /**
   * Whether this consumer certainly never received an entry, although it may have emitted higher
   * ids: another stream has replaced the one that was read.
   */
  boolean isMissing(StreamEntry entry) {
    return isMissing(entry.id()) || match(entry) == Match.OTHER;
  }

  /** Whether this consumer certainly never received an entry with an id. */
  boolean isMissing(EntryId id) {
    return horizon != null && id.isAfter(horizon) && !knows(id);
  }

  private int indexOf(EntryId id) {
    int low = 0;
    int high = size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = id(middle).compareTo(id);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  private EntryId id(int index) {
    int at = (first + index) % millis.length;
    return new EntryId(millis[at], sequences[at]);
  }

  private int hash(StreamEntry entry) {
    int hash = 1;
    for (byte[] part : entry.fields()) {
      hash = 31 * hash + (part.length < LONG ? Arrays.hashCode(part) : checksum(part));
    }
    return hash;
  }

  private int checksum(byte[] part) {
    checksum.reset();
    checksum.update(part);
    return (int) checksum.getValue();
  }
}
