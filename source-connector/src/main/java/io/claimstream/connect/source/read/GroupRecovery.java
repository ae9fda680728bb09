/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.consumers.SharedGroup;
import io.claimstream.connect.source.consumers.StreamConsumers;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.ConsumerInfo;
import io.claimstream.connect.source.group.GroupInfo;
import io.claimstream.connect.source.group.GroupReport;
import io.claimstream.connect.source.group.GroupState;
import io.claimstream.connect.source.group.MissingStreamException;
import io.claimstream.connect.source.group.StartPosition;
import io.claimstream.connect.source.lane.Lane;
import io.claimstream.connect.source.lane.LaneContext;
import io.claimstream.connect.source.lane.LaneOwnership;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovery of the consumer group: ensures that the group exists at Connect's offset, even if Redis
 * lost data.
 *
 * <p>A lost group (FLUSHALL, a failover to a stale replica, DEL, XGROUP DESTROY) is recreated at
 * the last id that Kafka has, never silently at {@code $}. With several lanes that is the lowest
 * offset of all lanes, and the same step publishes to the lanes that their offsets are in doubt.
 */
final class GroupRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(GroupRecovery.class);

  private final LaneContext lane;
  private final ConsumerGroup group;
  private final StreamConsumers consumers;
  private final AckTracker tracker;
  private final RecentEntries recent;
  private final ForgottenEntries forgotten;
  private final StreamEpochs epochs;
  private final GroupReport report;
  private @Nullable EntryId origin;

  /**
   * Creates the recovery of a lane's group.
   *
   * @param recent entries that the lane has received
   * @param report logs how the group was found or created
   */
  GroupRecovery(
      LaneContext lane,
      StreamConsumers consumers,
      AckTracker tracker,
      RecentEntries recent,
      GroupReport report) {
    this.lane = lane;
    this.group = lane.group();
    this.consumers = consumers;
    this.tracker = tracker;
    this.recent = recent;
    this.forgotten = new ForgottenEntries(lane, recent);
    this.epochs = new StreamEpochs(group, lane.connector());
    this.report = report;
  }

  /** Creates or moves the group if necessary. Ends the connection's watch. */
  void restore(RedisConnection connection) {
    boolean restored = false;
    while (!restored) {
      Optional<SharedGroup> shared = consumers.shared(connection);
      epochs.resume(connection, tracker);
      restored =
          shared.isPresent() ? restoreShared(connection, shared.get()) : restoreOwn(connection);
    }
  }

  private boolean restoreShared(RedisConnection connection, SharedGroup shared) {
    EntryId emitted = tracker.lastEmitted();
    // for a lane that later reads alone: entries above this id are not known to be in Kafka
    recent.begin(Objects.requireNonNullElse(emitted, EntryId.ZERO));
    forgotten.abandon(connection, tracker);
    return shared.restore(connection, emitted, report);
  }

  private boolean restoreOwn(RedisConnection connection) {
    EntryId position = tracker.safePosition() == null ? origin : tracker.safePosition();
    if (position != null && !restoreTo(position, connection)) {
      return false;
    }
    // until an offset is committed, only the group itself shows where it began
    if (tracker.safePosition() == null && !findOrigin(connection)) {
      return false;
    }
    EntryId known = tracker.lastEmitted() == null ? origin : tracker.lastEmitted();
    if (known != null && recent.horizon() == null) {
      recent.begin(EntryId.higher(known, readByFormerConsumers(connection)));
    }
    return true;
  }

  /**
   * Returns the id up to which this connector's former consumers may have read; zero if it has
   * none. An offset above the group's position is of a time before Redis lost data, or of another
   * stream.
   */
  private EntryId readByFormerConsumers(RedisConnection connection) {
    boolean hasFormer =
        group.consumers(connection).stream()
            .map(ConsumerInfo::name)
            .anyMatch(
                name -> !name.equals(lane.consumer()) && Lane.isConsumerOf(lane.connector(), name));
    if (!hasFormer) {
      return EntryId.ZERO;
    }
    EntryId delivered = group.info(connection).map(GroupInfo::lastDelivered).orElse(EntryId.ZERO);
    return EntryId.lower(delivered, forgotten.reachedByOthers(tracker.epoch()));
  }

  /** Creates the group if it never existed; false if it was created or lost in the meantime. */
  private boolean findOrigin(RedisConnection connection) {
    Optional<GroupState> found = group.state(connection);
    if (found.isPresent()) {
      EntryId begin = found.get().begin();
      origin = begin;
      report.exists(connection, begin, () -> true);
      return true;
    }
    Optional<GroupState> made =
        origin == null
            ? group.createIfMissing(
                connection, lane.settings().start(), lane.settings().createsStreams())
            : Optional.empty();
    if (made.isEmpty()) {
      if (!lane.settings().createsStreams() && group.lastGenerated(connection).isEmpty()) {
        throw new MissingStreamException(group);
      }
      return false;
    }
    report.created(connection, lane.settings().createsStreams());
    origin = made.get().begin();
    report.isOurs();
    return true;
  }

  /** Returns false, without any effect, if the group or the owner has changed in the meantime. */
  private boolean restoreTo(EntryId position, RedisConnection connection) {
    Optional<GroupInfo> info = group.info(connection);
    EntryId delivered = info.map(GroupInfo::lastDelivered).orElse(EntryId.ZERO);
    Optional<EntryId> last = group.lastGenerated(connection);
    EntryId end = last.orElse(EntryId.ZERO);
    EntryId emitted = tracker.lastEmitted();
    Optional<EntryId> floor =
        emitted == null ? Optional.empty() : forgotten.floor(connection, delivered, emitted, end);
    long epoch = epochs.next(tracker);
    List<Command> commands = new ArrayList<>();
    floor.ifPresentOrElse(
        lowest -> commands.add(epochs.begin(epoch, lowest)),
        () -> commands.addAll(epochs.rewrite(connection)));
    // not past the end: Redis may assign the ids up to the position again
    EntryId target = EntryId.lower(EntryId.lower(position, end), floor.orElse(position));
    // the ids of a stream that is added again belong to a new epoch
    boolean missing = last.isEmpty() && !lane.settings().createsStreams();
    boolean moves = !missing && (info.isEmpty() || target.isAfter(delivered));
    if (moves) {
      StartPosition to = StartPosition.after(target);
      commands.add(
          info.isEmpty()
              ? group.createCommand(to, lane.settings().createsStreams())
              : group.moveCommand(to));
    }
    if (!commands.isEmpty() && !executed(connection, commands)) {
      return false;
    }
    if (moves) {
      moved(info, target);
    }
    if (missing) {
      floor.ifPresent(lowest -> restartAfter(lowest, epoch));
      throw new MissingStreamException(group);
    }
    floor.ifPresent(lowest -> began(epoch, lowest, end, emitted));
    return true;
  }

  /** Executes the commands if this task still owns the lane's consumer. */
  private boolean executed(RedisConnection connection, List<Command> commands) {
    LaneOwnership ownership = consumers.ownership();
    ownership.acquire(connection);
    Optional<List<@Nullable Object>> results = ownership.execute(connection, commands);
    for (int i = 0; results.isPresent() && i < commands.size(); i++) {
      Object result = results.get().get(i);
      // another client has just created the group, or it was lost again: start over
      if (result instanceof ErrorReply error
          && (error.code().equals("BUSYGROUP")
              || ConsumerGroup.isLost(error)
              || ConsumerGroup.isWithoutStream(error))) {
        return false;
      }
      Replies.checked(result, commands.get(i));
    }
    return results.isPresent();
  }

  private void moved(Optional<GroupInfo> before, EntryId to) {
    if (before.isEmpty()) {
      report.recreated(to);
    } else {
      LOG.warn(
          "{} is at {}, behind {}, which this connector had reached: Redis lost part of the group's"
              + " progress. The group was moved forward to that id: entries up to it are in Kafka,"
              + " or precede the group's start, and are not produced again. If Redis lost nothing"
              + " but the stream was renamed or restored (RENAME, RESTORE), entries after {} were"
              + " never read: use Connect's offsets API to read them.",
          group,
          before.get().lastDelivered(),
          to,
          before.get().lastDelivered());
    }
  }

  private void began(long epoch, EntryId floor, EntryId end, @Nullable EntryId emitted) {
    restartAfter(floor, epoch);
    LOG.warn(
        "{}: Redis lost the stream's entries after {}; this connector had read up to {}, and the"
            + " stream ends at {} now. The lost entries that were read are in Kafka or in flight to"
            + " it. Ids above {} are read as new entries, and Connect's offset goes back for them"
            + " (epoch {}). Entries that were lost before they were read cannot be detected. Check"
            + " the server's clock and its replication.",
        group,
        floor,
        emitted,
        end,
        floor,
        epoch);
  }

  /**
   * Starts an epoch so that the entries after {@code floor} are emitted although the offset is past
   * them: the only consumer of the stream never received them. Ends the connection's watch.
   */
  void readAsNew(RedisConnection connection, EntryId floor) {
    EntryId emitted = tracker.lastEmitted();
    long epoch = epochs.next(tracker);
    boolean written = false;
    while (!written) {
      written = executed(connection, List.of(epochs.begin(epoch, floor)));
    }
    restartAfter(floor, epoch);
    LOG.warn(
        "{}: the stream has entries after {} that this connector never received, although it had"
            + " read up to {}: the stream was replaced (RENAME, RESTORE), or the group was moved"
            + " back. They are read as new entries, and Connect's offset goes back for them (epoch"
            + " {}).",
        group,
        floor,
        emitted,
        epoch);
  }

  private void restartAfter(EntryId floor, long epoch) {
    tracker.restartAfter(floor, epoch);
    recent.backTo(floor);
    epochs.began(epoch, floor);
  }
}
