/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.stream.EntryId;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * What Kafka holds of one claim: the snapshots that compaction has left, and the events that
 * retention has left.
 *
 * @param claim the claim's id
 * @param snapshots the claim's snapshots, in any order
 * @param events the claim's events, in the order of the topic
 * @param deletedAreInSnapshots whether the table of snapshots has read every event, of whatever
 *     claim, that the topic has deleted
 */
record ClaimHistory(
    String claim,
    List<GenericRecord> snapshots,
    List<GenericRecord> events,
    boolean deletedAreInSnapshots) {

  /**
   * A claim's state.
   *
   * @param snapshot the state
   * @param start the id of the last event in the snapshot that the computation began with; empty if
   *     it began with the first event
   */
  record State(GenericRecord snapshot, Optional<EntryId> start) {}

  /**
   * Returns the claim's state after those of its events that were appended to the stream at that
   * instant or before: the last snapshot from then, and the events after it.
   *
   * @param table the rules by which the snapshots were made
   * @throws DemoException if there is no such event, or Kafka no longer has all of them
   */
  State asOf(Instant instant, ClaimSnapshots table) {
    if (snapshots.isEmpty() && events.isEmpty()) {
      throw new DemoException("Kafka contains no event of claim " + claim);
    }
    Optional<GenericRecord> before = latest(isFrom(instant));
    GenericRecord start = before.orElse(null);
    if (!isWhole(start, instant, table)) {
      throw new DemoException(missing(instant));
    }
    GenericRecord state = fold(start, isFrom(instant), table);
    if (state == null) {
      throw new DemoException("claim " + claim + " has no event at " + instant + " or before");
    }
    return new State(state, before.map(ClaimHistory::id));
  }

  private Optional<GenericRecord> latest(Predicate<GenericRecord> condition) {
    return snapshots.stream().filter(condition).max(Comparator.comparing(ClaimHistory::id));
  }

  private @Nullable GenericRecord fold(
      @Nullable GenericRecord start, Predicate<GenericRecord> condition, ClaimSnapshots table) {
    GenericRecord state = start;
    for (GenericRecord event : events) {
      if (condition.test(event)) {
        state = table.after(event, state);
      }
    }
    return state;
  }

  /**
   * Returns whether no event between the start and the instant is missing. The next snapshot says
   * how many events there were by then, the one that led to it included. Without it, an event is
   * missing only if it was deleted before it was in a snapshot.
   */
  private boolean isWhole(@Nullable GenericRecord start, Instant instant, ClaimSnapshots table) {
    Optional<GenericRecord> next =
        snapshots.stream()
            .filter(isFrom(instant).negate())
            .min(Comparator.comparing(ClaimHistory::id));
    if (next.isEmpty()) {
      return deletedAreInSnapshots;
    }
    EntryId end = id(next.get());
    GenericRecord before = fold(start, event -> end.isAfter(id(event)), table);
    long events = before == null ? 0 : (long) before.get("events");
    return next.get().get("events").equals(events + 1);
  }

  private String missing(Instant instant) {
    if (!deletedAreInSnapshots) {
      return "topic "
          + SnapshotTopology.INPUT
          + " has lost events that are in no snapshot; the state of claim "
          + claim
          + " at "
          + instant
          + " is unknown";
    }
    return "topic "
        + SnapshotTopology.INPUT
        + " no longer has every event of claim "
        + claim
        + " up to "
        + instant
        + ", and no snapshot from before then has them"
        + latest(snapshot -> true)
            .map(snapshot -> "; its state is known from " + appended(snapshot) + " on")
            .orElse("");
  }

  private static Predicate<GenericRecord> isFrom(Instant instant) {
    return row -> !appended(row).isAfter(instant);
  }

  /** Returns when the event, or the last one in the snapshot, was appended to the stream. */
  private static Instant appended(GenericRecord row) {
    return Instant.ofEpochMilli(id(row).millis());
  }

  private static EntryId id(GenericRecord row) {
    return EntryId.parse(ClaimRecords.text(row, "stream_id"));
  }
}
