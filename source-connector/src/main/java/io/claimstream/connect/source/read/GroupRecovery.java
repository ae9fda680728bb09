/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.GroupInfo;
import io.claimstream.connect.source.group.GroupState;
import io.claimstream.connect.source.group.PendingRange;
import io.claimstream.connect.source.group.StartPosition;
import io.claimstream.connect.source.read.LanesState.Doubt;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.stream.Stream;
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
public final class GroupRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(GroupRecovery.class);
  private final ConsumerGroup group;
  private final StartPosition start;
  private final SharedLanes shared;
  private final IntFunction<List<Optional<EntryId>>> offsets;
  private final StreamEpochs epochs;
  private final ExistingGroup existing;
  private @Nullable EntryId origin;

  /**
   * Creates the recovery of a lane's group.
   *
   * @param start start position of a group that never existed
   * @param shared the shared state of the stream's lanes
   * @param offsets looks up the committed offsets of the given number of lanes of the stream, in
   *     their order; used only with several lanes or after a loss
   * @param epochs epochs in which a single lane reads the stream
   * @param existing logs that the group existed before the connector
   */
  public GroupRecovery(
      ConsumerGroup group,
      StartPosition start,
      SharedLanes shared,
      IntFunction<List<Optional<EntryId>>> offsets,
      StreamEpochs epochs,
      ExistingGroup existing) {
    this.group = group;
    this.start = start;
    this.shared = shared;
    this.offsets = offsets;
    this.epochs = epochs;
    this.existing = existing;
  }

  /**
   * Creates or moves the group if necessary. Ends the connection's watch.
   *
   * @param ownership acquired ownership of the lane's consumer
   */
  void restore(
      RedisConnection connection,
      AckTracker tracker,
      LaneOwnership ownership,
      RecentEntries recent) {
    boolean restored = false;
    while (!restored) {
      LanesState state = shared.read(connection);
      restored =
          state.several()
              ? restoreShared(connection, tracker, recent, state)
              : restoreOwn(connection, tracker, ownership, recent);
    }
  }

  private boolean restoreOwn(
      RedisConnection connection,
      AckTracker tracker,
      LaneOwnership ownership,
      RecentEntries recent) {
    epochs.resume(connection, tracker);
    EntryId position = tracker.safePosition() == null ? origin : tracker.safePosition();
    if (position != null && !restoreTo(position, connection, tracker, ownership, recent)) {
      return false;
    }
    // until an offset is committed, only the group itself shows where it began
    if (tracker.safePosition() == null && !findOrigin(connection)) {
      return false;
    }
    EntryId known = tracker.lastEmitted() == null ? origin : tracker.lastEmitted();
    if (known != null) {
      recent.begin(known);
    }
    return true;
  }

  /** Creates the group if it never existed; false if it was created or lost in the meantime. */
  private boolean findOrigin(RedisConnection connection) {
    Optional<GroupState> found = group.state(connection);
    if (found.isPresent()) {
      EntryId begin = found.get().begin();
      origin = begin;
      existing.report(connection, begin, () -> true);
      return true;
    }
    Optional<GroupState> made =
        origin == null ? group.makeIfMissing(connection, start) : Optional.empty();
    if (made.isEmpty()) {
      return false;
    }
    reportCreated(connection);
    origin = made.get().begin();
    existing.isOurs();
    return true;
  }

  private void reportCreated(RedisConnection connection) {
    LOG.info("{} created; reading starts at {} (redis.start.id)", group, start);
    if (group.lastGenerated(connection).filter(EntryId.ZERO::equals).isPresent()) {
      LOG.warn(
          "Stream '{}' did not exist and was created empty, for {}. If producers write to another"
              + " stream, correct redis.streams.",
          group.stream(),
          group);
    }
  }

  /** Returns false, without any effect, if the group or the owner has changed in the meantime. */
  private boolean restoreTo(
      EntryId position,
      RedisConnection connection,
      AckTracker tracker,
      LaneOwnership ownership,
      RecentEntries recent) {
    Optional<GroupInfo> info = group.info(connection);
    EntryId delivered = info.map(GroupInfo::lastDelivered).orElse(EntryId.ZERO);
    EntryId end = group.lastGenerated(connection).orElse(EntryId.ZERO);
    EntryId emitted = tracker.lastEmitted();
    Optional<EntryId> floor =
        emitted == null
            ? Optional.empty()
            : new ForgottenEntries(group, offsets, recent)
                .floor(connection, delivered, emitted, end);
    long epoch = epochs.next(tracker);
    List<Command> commands = new ArrayList<>();
    floor.ifPresentOrElse(
        lowest -> commands.add(epochs.begin(epoch, lowest)),
        () -> commands.addAll(epochs.rewrite(connection)));
    // not past the end: Redis may assign the ids up to the position again
    EntryId target = EntryId.lower(EntryId.lower(position, end), floor.orElse(position));
    boolean moves = info.isEmpty() || target.isAfter(delivered);
    if (moves) {
      StartPosition to = StartPosition.after(target);
      commands.add(info.isEmpty() ? group.createCommand(to) : group.moveCommand(to));
    }
    if (!commands.isEmpty() && !executed(connection, ownership, commands)) {
      return false;
    }
    if (moves) {
      moved(info, target);
    }
    floor.ifPresent(lowest -> began(tracker, recent, epoch, lowest, end, emitted));
    return true;
  }

  /** Executes the commands if this task still owns the lane's consumer. */
  private static boolean executed(
      RedisConnection connection, LaneOwnership ownership, List<Command> commands) {
    ownership.acquire(connection);
    Optional<List<@Nullable Object>> results = ownership.execute(connection, commands);
    for (int i = 0; results.isPresent() && i < commands.size(); i++) {
      Object result = results.get().get(i);
      // another client has just created the group, or it was lost again: start over
      if (result instanceof ErrorReply error
          && (error.code().equals("BUSYGROUP")
              || ConsumerGroup.isLost(error)
              || error.text().contains("requires the key to exist"))) {
        return false;
      }
      Replies.checked(result, commands.get(i));
    }
    return results.isPresent();
  }

  private void moved(Optional<GroupInfo> before, EntryId to) {
    if (before.isEmpty()) {
      lost(to);
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

  private void began(
      AckTracker tracker,
      RecentEntries recent,
      long epoch,
      EntryId floor,
      EntryId end,
      @Nullable EntryId emitted) {
    tracker.restartAfter(floor, epoch);
    recent.backTo(floor);
    epochs.began(epoch, floor);
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
  void readAsNew(
      RedisConnection connection,
      AckTracker tracker,
      LaneOwnership ownership,
      RecentEntries recent,
      EntryId floor) {
    EntryId emitted = tracker.lastEmitted();
    long epoch = epochs.next(tracker);
    boolean written = false;
    while (!written) {
      written = executed(connection, ownership, List.of(epochs.begin(epoch, floor)));
    }
    tracker.restartAfter(floor, epoch);
    recent.backTo(floor);
    epochs.began(epoch, floor);
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

  private void lost(EntryId position) {
    LOG.warn("{} was lost; recreated at {}, which this connector had reached", group, position);
  }

  private boolean restoreShared(
      RedisConnection connection, AckTracker tracker, RecentEntries recent, LanesState state) {
    epochs.resume(connection, tracker);
    EntryId emitted = tracker.lastEmitted();
    // for a lane that later reads alone: entries above this id are not known to be in Kafka
    recent.begin(Objects.requireNonNullElse(emitted, EntryId.ZERO));
    new ForgottenEntries(group, offsets, recent).abandon(connection, tracker);
    Optional<GroupState> found = group.state(connection);
    if (found.isEmpty()) {
      existing.isOurs();
      return makeShared(connection, state);
    }
    GroupState now = found.get();
    if (emitted == null) {
      state
          .origin()
          .ifPresent(
              known -> existing.reportSince(connection, known, now.begin(), hasNoOffset(state)));
    }
    // pending entries were delivered, so a group before them was moved back
    Optional<EntryId> reached =
        Stream.concat(Stream.ofNullable(emitted), now.pending().map(PendingRange::highest).stream())
            .max(Comparator.naturalOrder())
            .filter(now::isBefore);
    if (reached.isPresent()) {
      return setBack(connection, state, reached.get(), now);
    }
    if (shared.isWritten(connection, state)) {
      return true;
    }
    // a lane without an offset has nothing in Kafka: all entries that it has read are pending
    EntryId origin = state.origin().orElseGet(now::begin);
    boolean written = shared.replace(connection, state, state.withOrigin(origin));
    if (written && state.origin().isEmpty()) {
      // by whichever lane connects first: the others find the noted position
      existing.report(connection, origin, hasNoOffset(state));
    }
    return written;
  }

  private BooleanSupplier hasNoOffset(LanesState state) {
    return () -> offsets.apply(state.lanes()).stream().allMatch(Optional::isEmpty);
  }

  /**
   * Publishes to all lanes that the group delivers entries again, including pending ones. A lane
   * may not have received those entries, or not delivered them to Kafka.
   *
   * @param reached the position that the group had reached
   * @return false, without any effect, if the state has changed in the meantime
   */
  boolean goneBack(RedisConnection connection, LanesState state, EntryId reached) {
    Optional<GroupState> now = group.state(connection);
    // the lane that recreates the group publishes it
    return now.isEmpty() || setBack(connection, state, reached, now.get());
  }

  private boolean setBack(
      RedisConnection connection, LanesState state, EntryId reached, GroupState now) {
    EntryId floor = now.begin();
    List<Optional<EntryId>> lanes = offsets.apply(state.lanes());
    Doubt doubt =
        new Doubt(floor, highest(connection, lanes)).liftedTo(reached).with(state.doubt(), lanes);
    if (state.doubt().filter(doubt::equals).isPresent()) {
      return true;
    }
    LOG.warn(
        "{} was moved back from {} to {}. Entries after {} are read again; because"
            + " redis.consumers.per.stream is above 1, some may be produced twice.",
        group,
        reached,
        now.info().lastDelivered(),
        floor);
    return shared.replace(connection, state, state.withDoubt(doubt));
  }

  private boolean makeShared(RedisConnection connection, LanesState state) {
    List<Optional<EntryId>> lanes = offsets.apply(state.lanes());
    List<EntryId> certain =
        lanes.stream().map(state::certain).flatMap(Optional::stream).sorted().toList();
    boolean firstTime = certain.isEmpty();
    EntryId end = group.lastGenerated(connection).orElse(EntryId.ZERO);
    // Redis may assign the ids up to the offsets again if the stream ends before them
    EntryId position =
        certain.size() == lanes.size() || (start.isEnd() && !firstTime)
            ? EntryId.lower(certain.get(0), end)
            : start.resolve(() -> end);
    LanesState next =
        firstTime ? state : state.withDoubt(new Doubt(position, highest(connection, lanes)));
    boolean made =
        shared.replace(
            connection,
            state,
            next.withOrigin(position),
            group.createCommand(StartPosition.after(position)));
    if (made && firstTime) {
      reportCreated(connection);
    } else if (made) {
      lost(position);
    }
    return made;
  }

  /** Returns the highest id that an offset from before this moment can have. */
  private EntryId highest(RedisConnection connection, Collection<Optional<EntryId>> lanes) {
    return Stream.concat(
            lanes.stream().flatMap(Optional::stream), group.lastGenerated(connection).stream())
        .max(Comparator.naturalOrder())
        .orElse(EntryId.ZERO);
  }
}
