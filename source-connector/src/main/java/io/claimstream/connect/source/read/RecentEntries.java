/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The last entries that a consumer was given: their ids, and a hash of what was in them. When Redis
 * has forgotten something, it tells which entries of a stream are still those of before; an id
 * alone does not, as a server whose last id or clock is behind hands it out again. Task thread
 * only.
 */
final class RecentEntries {
  private static final int FIRST_CAPACITY = 256;

  /** Of 20 bytes each: far more than a replica lags by. */
  private static final int MOST = 1 << 16;

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

  /** Whether an entry is one that was given before. */
  enum Match {
    SAME,
    /** Its id is known, with something else in it. */
    OTHER,
    UNKNOWN
  }

  /** The id above which everything was given to this consumer and is known; null before a begin. */
  @Nullable EntryId horizon() {
    return horizon;
  }

  /** Up to where other consumers of this connector may have been given entries; null if none. */
  @Nullable EntryId shared() {
    return shared;
  }

  /** Begins, unless it has: what comes after that entry is given to this consumer alone. */
  void begin(EntryId after) {
    if (horizon == null) {
      horizon = after;
    }
  }

  /** Other consumers of this connector may have been given what is in the group up to there. */
  void sharedUpTo(EntryId id) {
    if (shared == null || id.isAfter(shared)) {
      shared = id;
    }
    unknownUpTo(id);
  }

  private void unknownUpTo(EntryId id) {
    if (horizon == null || id.isAfter(horizon)) {
      horizon = id;
    }
  }

  /** Forgets what came after that entry: it is given anew. */
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

  /** Notes an entry that was read. One that is read once more is known, unless it is another. */
  void add(StreamEntry entry) {
    if (last != null && !entry.id().isAfter(last)) {
      if (match(entry) != Match.OTHER) {
        return;
      }
      // of the time after Redis forgot: so are all ids from there on
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
      // it has not wrapped around yet
      millis = Arrays.copyOf(millis, capacity);
      sequences = Arrays.copyOf(sequences, capacity);
      hashes = Arrays.copyOf(hashes, capacity);
    }
  }

  /** Compares an entry of the stream with the one that was given under its id. */
  Match match(StreamEntry entry) {
    int index = indexOf(entry.id());
    if (index < 0) {
      return Match.UNKNOWN;
    }
    return hashes[(first + index) % hashes.length] == hash(entry) ? Match.SAME : Match.OTHER;
  }

  /** Whether an entry with that id was given. */
  boolean knows(EntryId id) {
    return indexOf(id) >= 0;
  }

  /**
   * Whether an entry is certainly none that this consumer was given, though it may have a higher id
   * by now: somebody has put another stream in place of the one that was read.
   */
  boolean isMissing(StreamEntry entry) {
    return isMissing(entry.id()) || match(entry) == Match.OTHER;
  }

  /** The same where only the id is known. */
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

  private static int hash(StreamEntry entry) {
    int hash = 1;
    for (byte[] part : entry.fields()) {
      hash = 31 * hash + Arrays.hashCode(part);
    }
    return hash;
  }
}
