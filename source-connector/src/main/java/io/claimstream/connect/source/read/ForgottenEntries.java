/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.lane.LaneContext;
import io.claimstream.connect.source.lane.SourceOffset;
import io.claimstream.connect.source.read.RecentEntries.Match;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Comparison of the entries that a consumer received with those that the stream has now. Task
 * thread only.
 */
final class ForgottenEntries {
  private static final Logger LOG = LoggerFactory.getLogger(ForgottenEntries.class);
  private static final int PAGE = 500;

  /** Maximum number of lanes whose offsets are looked up. */
  private static final int MOST_LANES = 32;

  private final LaneContext lane;
  private final ConsumerGroup group;
  private final RecentEntries recent;

  ForgottenEntries(LaneContext lane, RecentEntries recent) {
    this.lane = lane;
    this.group = lane.group();
    this.recent = recent;
  }

  /**
   * Returns the id above which entries must be read although Connect's offset is past them, because
   * Redis lost the entries that had these ids; empty if it did not lose any such entries.
   *
   * <p>Redis loses the end of a stream. The stream is therefore unchanged up to the first entry
   * that this task had not received before; the entries from there on are new, or were delivered to
   * another program in the group.
   *
   * @param delivered the group's last delivered id; zero if the group is lost
   * @param emitted the last id that this task has emitted
   * @param end the last id that the stream has generated
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
          "{}: Redis lost the stream's entries after {}, or they were deleted; this connector had"
              + " read up to {}. Those entries are in Kafka or in flight to it, and the stream has"
              + " only higher ids since. Entries that were lost before they were read cannot be"
              + " detected.",
          group,
          floor,
          emitted);
    }
    return Optional.empty();
  }

  /** Whether other lanes may have read entries after that id without delivering them to Kafka. */
  private boolean wasShared(EntryId delivered) {
    EntryId shared = recent.shared();
    return (shared != null && shared.isAfter(delivered))
        || ofOthers().anyMatch(offset -> offset.id().isAfter(delivered));
  }

  /**
   * Returns the highest id that this connector's other consumers, which may be former ones, have
   * delivered to Kafka in an epoch; zero if none.
   */
  EntryId reachedByOthers(long epoch) {
    return ofOthers()
        .filter(offset -> offset.epoch() == epoch)
        .map(SourceOffset::id)
        .reduce(EntryId.ZERO, EntryId::higher);
  }

  private Stream<SourceOffset> ofOthers() {
    return lane.laneOffsets(MOST_LANES).stream().skip(1).flatMap(Optional::stream);
  }

  private List<StreamEntry> page(RedisConnection connection, EntryId after, EntryId to) {
    return to.isAfter(after) ? group.range(connection, after.next(), to, PAGE) : List.of();
  }

  /**
   * Abandons entries in flight that are no longer in the stream, because other entries may get
   * their ids. The group's position does not show this, because another lane may have read on in
   * the meantime.
   */
  void abandon(RedisConnection connection, AckTracker tracker) {
    Set<EntryId> inFlight = tracker.inFlightIds();
    Optional<EntryId> last = inFlight.stream().max(Comparator.naturalOrder());
    // Redis loses the end of a stream, so if the last entry is there, all are
    if (last.isPresent() && !lost(connection, List.of(last.get())).isEmpty()) {
      tracker.abandon(lost(connection, List.copyOf(inFlight))::contains);
    }
  }

  private Set<EntryId> lost(RedisConnection connection, List<EntryId> ids) {
    Set<EntryId> lost = new HashSet<>();
    for (StreamEntry entry : group.entries(connection, ids)) {
      if (entry.isTrimmed() || recent.match(entry) == Match.OTHER) {
        lost.add(entry.id());
      }
    }
    return lost;
  }
}
