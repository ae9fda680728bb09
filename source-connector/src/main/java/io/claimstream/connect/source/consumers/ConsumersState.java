/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.consumers;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Shared state of the lanes of one stream. In memory only, no I/O.
 *
 * <p>A lane's offset shows that Kafka has the entries that this lane read up to there, but not
 * which lane read an entry. If a group with several lanes goes back, because it was lost or after a
 * failover, a lane may receive entries below its offset that another lane had read and that never
 * reached Kafka. The offsets from before that time are in doubt.
 *
 * @param lanes number of lanes that may have pending entries: the current ones, and former ones
 *     that are not completely recovered
 * @param origin id below all entries that a lane without an offset has read; empty until a group
 *     exists
 * @param doubt the offsets that are in doubt; empty if the group never went back
 */
record ConsumersState(int lanes, Optional<EntryId> origin, Optional<Doubt> doubt) {
  private static final String NONE = "-";

  /**
   * Range of offsets that are in doubt.
   *
   * @param floor id above which entries may be missing in Kafka
   * @param until id above which an offset was committed after the group went back and is reliable
   */
  record Doubt(EntryId floor, EntryId until) {

    /** Whether an offset is in doubt; a missing offset always is. */
    boolean holds(Optional<EntryId> offset) {
      return offset.isEmpty() || !offset.get().isAfter(until);
    }

    /**
     * Returns the union with an older doubt, if the older one still applies to any of the offsets.
     */
    Doubt with(Optional<Doubt> older, Collection<Optional<EntryId>> offsets) {
      return older
          .filter(other -> offsets.stream().anyMatch(other::holds))
          .map(this::and)
          .orElse(this);
    }

    /** Returns the union of both doubts. */
    Doubt and(Doubt other) {
      return new Doubt(EntryId.lower(floor, other.floor), EntryId.higher(until, other.until));
    }

    /** Whether this doubt includes the other. */
    boolean covers(Doubt other) {
      return and(other).equals(this);
    }

    /** Moves a tracker back so that entries in doubt are emitted again. */
    void applyTo(AckTracker tracker) {
      if (holds(Optional.ofNullable(tracker.lastEmitted()))) {
        tracker.goBackTo(floor);
      }
    }

    Doubt liftedTo(EntryId id) {
      return new Doubt(floor, EntryId.higher(until, id));
    }
  }

  /**
   * Parses the result of {@link #toString}.
   *
   * @param text the stored text; null if none is stored
   * @param lanes current number of lanes of the stream
   */
  static ConsumersState parse(@Nullable String text, int lanes) {
    if (text == null) {
      return new ConsumersState(lanes, Optional.empty(), Optional.empty());
    }
    String[] words = text.split(" ", -1);
    Optional<EntryId> origin = id(words[1]);
    Optional<EntryId> until = id(words[3]);
    return new ConsumersState(
        Math.max(lanes, Integer.parseInt(words[0])),
        origin,
        id(words[2]).flatMap(floor -> until.map(top -> new Doubt(floor, top))));
  }

  private static Optional<EntryId> id(String word) {
    return word.equals(NONE) ? Optional.empty() : Optional.of(EntryId.parse(word));
  }

  boolean several() {
    return lanes > 1;
  }

  ConsumersState withLanes(int other) {
    return new ConsumersState(other, origin, doubt);
  }

  ConsumersState withOrigin(EntryId other) {
    return new ConsumersState(lanes, Optional.of(other), doubt);
  }

  ConsumersState withDoubt(Doubt other) {
    return new ConsumersState(lanes, origin, Optional.of(other));
  }

  /**
   * Returns the id up to which Kafka certainly has the entries of a lane with the given offset;
   * empty if unknown.
   */
  Optional<EntryId> certain(Optional<EntryId> offset) {
    Optional<EntryId> known = offset.or(() -> origin);
    return doubt
        .filter(some -> some.holds(offset))
        .map(some -> EntryId.lower(some.floor(), known.orElse(some.floor())))
        .or(() -> known);
  }

  @Override
  public String toString() {
    return lanes
        + " "
        + origin.map(EntryId::toString).orElse(NONE)
        + doubt.map(some -> " " + some.floor() + " " + some.until()).orElse(" - -");
  }
}
