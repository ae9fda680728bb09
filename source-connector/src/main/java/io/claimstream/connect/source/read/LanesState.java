/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the lanes of one stream have to know of each other. Pure memory, no I/O.
 *
 * <p>A lane's offset says that Kafka has what that lane read up to there; it cannot say which lane
 * read an entry. So when a group that several lanes read goes back, because it was lost or a
 * failover set it back, a lane may be given entries below its offset that were another lane's and
 * never reached Kafka. The offsets of that time are in doubt.
 *
 * @param lanes how many lanes may have something pending: those of now, and former ones that were
 *     not yet looked after to their end
 * @param origin what a lane without an offset has read lies above it; empty as long as no group was
 *     seen
 * @param doubt which offsets are not to be believed; empty if the group never went back
 */
record LanesState(int lanes, Optional<EntryId> origin, Optional<Doubt> doubt) {
  private static final String NONE = "-";

  /**
   * Which offsets are not to be believed.
   *
   * @param floor entries above it may be missing in Kafka
   * @param until an offset above it was made after the group went back, and can be believed
   */
  record Doubt(EntryId floor, EntryId until) {

    /** Whether it is about that offset; no offset is always doubtful. */
    boolean holds(Optional<EntryId> offset) {
      return offset.isEmpty() || !offset.get().isAfter(until);
    }

    /** This one, and what is left of an older one. */
    Doubt with(Optional<Doubt> older, Collection<Optional<EntryId>> offsets) {
      return older
          .filter(other -> offsets.stream().anyMatch(other::holds))
          .map(this::and)
          .orElse(this);
    }

    /** About all that either of them is about. */
    Doubt and(Doubt other) {
      return new Doubt(EntryId.lower(floor, other.floor), EntryId.higher(until, other.until));
    }

    /** Whether it is about all that the other is about. */
    boolean covers(Doubt other) {
      return and(other).equals(this);
    }

    /** Lets a consumer's entries be emitted again as far as they are in doubt. */
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
   * Reads what {@link #toString} wrote.
   *
   * @param text null if nothing was written yet
   * @param lanes how many lanes the stream has now
   */
  static LanesState parse(@Nullable String text, int lanes) {
    if (text == null) {
      return new LanesState(lanes, Optional.empty(), Optional.empty());
    }
    String[] words = text.split(" ", -1);
    Optional<EntryId> origin = id(words[1]);
    Optional<EntryId> until = id(words[3]);
    return new LanesState(
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

  LanesState withLanes(int other) {
    return new LanesState(other, origin, doubt);
  }

  LanesState withOrigin(EntryId other) {
    return new LanesState(lanes, Optional.of(other), doubt);
  }

  LanesState withDoubt(Doubt other) {
    return new LanesState(lanes, origin, Optional.of(other));
  }

  /** Up to where Kafka has for certain what a lane with that offset read; empty if unknown. */
  Optional<EntryId> certain(Optional<EntryId> offset) {
    Optional<EntryId> told = offset.or(() -> origin);
    return doubt
        .filter(some -> some.holds(offset))
        .map(some -> EntryId.lower(some.floor(), told.orElse(some.floor())))
        .or(() -> told);
  }

  @Override
  public String toString() {
    return lanes
        + " "
        + origin.map(EntryId::toString).orElse(NONE)
        + doubt.map(some -> " " + some.floor() + " " + some.until()).orElse(" - -");
  }
}
