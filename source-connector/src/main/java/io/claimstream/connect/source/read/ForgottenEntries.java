/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.read.RecentEntries.Match;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compares what a consumer was given with what the stream has now. Task thread only. */
final class ForgottenEntries {
  private static final Logger LOG = LoggerFactory.getLogger(ForgottenEntries.class);
  private static final int PAGE = 500;

  /** Of how many former lanes the offsets are looked at. */
  private static final int MOST_LANES = 32;

  private final ConsumerGroup group;
  private final IntFunction<List<Optional<EntryId>>> offsets;
  private final RecentEntries recent;

  ForgottenEntries(
      ConsumerGroup group, IntFunction<List<Optional<EntryId>>> offsets, RecentEntries recent) {
    this.group = group;
    this.offsets = offsets;
    this.recent = recent;
  }

  /**
   * The id above which entries are to be read although Connect's offset is past them, because Redis
   * forgot what had these ids; empty if it did not forget so much.
   *
   * <p>What Redis forgets is the end of a stream. So all is as it was up to the first entry that
   * this task was not given before; what follows is new, or was given to another program that reads
   * in the group.
   *
   * @param delivered the group's position; zero if it is lost
   * @param emitted up to where this task has read
   * @param end the last id of the stream
   */
  Optional<EntryId> floor(
      RedisConnection connection, EntryId delivered, EntryId emitted, EntryId end) {
    if (!emitted.isAfter(delivered) && !emitted.isAfter(end)) {
      return Optional.empty();
    }
    EntryId horizon = recent.horizon() == null ? emitted : EntryId.lower(emitted, recent.horizon());
    EntryId floor = horizon.isAfter(delivered) ? horizon : EntryId.lower(emitted, delivered);
    boolean more = false;
    List<StreamEntry> page = page(connection, floor, emitted);
    while (!page.isEmpty() && !more) {
      for (StreamEntry entry : page) {
        more |= recent.match(entry) != Match.SAME;
        floor = more ? floor : entry.id();
      }
      page = page(connection, floor, emitted);
    }
    if (wasShared(delivered)) {
      floor = delivered;
      more = true;
    }
    floor = EntryId.lower(floor, end);
    if (more || emitted.isAfter(end)) {
      return Optional.of(floor);
    }
    if (emitted.isAfter(floor)) {
      LOG.warn(
          "{}: Redis forgot the stream's entries after {}, though this connector had read up to {}, or"
              + " they were deleted. Those are in Kafka, or on their way, and the stream has only"
              + " higher ids since. What was added there and never read cannot be known.",
          group,
          floor,
          emitted);
    }
    return Optional.empty();
  }

  /** Former lanes may have read what comes after that entry, and not brought it to Kafka. */
  private boolean wasShared(EntryId delivered) {
    EntryId shared = recent.shared();
    return (shared != null && shared.isAfter(delivered))
        || offsets.apply(MOST_LANES).stream()
            .skip(1)
            .flatMap(Optional::stream)
            .anyMatch(offset -> offset.isAfter(delivered));
  }

  private List<StreamEntry> page(RedisConnection connection, EntryId after, EntryId to) {
    return to.isAfter(after) ? group.range(connection, after.next(), to, PAGE) : List.of();
  }

  /**
   * Gives up what is in flight and not in the stream any more, as its id may be another entry's.
   * The group's position says nothing of that here: another lane may have read on meanwhile.
   */
  void forsake(RedisConnection connection, AckTracker tracker) {
    Set<EntryId> inFlight = tracker.inFlightIds();
    Optional<EntryId> last = inFlight.stream().max(Comparator.naturalOrder());
    // what Redis forgets is the end, so that the last one tells of all
    if (last.isPresent() && !forgotten(connection, List.of(last.get())).isEmpty()) {
      tracker.forsake(forgotten(connection, List.copyOf(inFlight))::contains);
    }
  }

  private Set<EntryId> forgotten(RedisConnection connection, List<EntryId> ids) {
    Set<EntryId> forgotten = new HashSet<>();
    for (StreamEntry entry : group.entries(connection, ids)) {
      if (entry.isTrimmed() || recent.match(entry) == Match.OTHER) {
        forgotten.add(entry.id());
      }
    }
    return forgotten;
  }
}
