/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.read.LanesState.Doubt;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure that the group exists and stands where Connect's offset says, whatever Redis forgot.
 *
 * <p>A group that is lost (FLUSHALL, a failover to a stale replica, DEL, XGROUP DESTROY) is made
 * again where Kafka's knowledge ends, never silently at {@code $}. With several lanes that is the
 * lowest position of all, and the lanes are told in the same step that their offsets are in doubt.
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
   * The recovery of a lane's group.
   *
   * @param start where a group begins that never was
   * @param shared what the stream's lanes know of each other
   * @param offsets the committed offsets of that many lanes of the stream, in their order; asked
   *     for when there are several
   * @param epochs in which a single lane reads
   * @param existing reports a group that was there before the connector
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
   * Makes or moves the group if it has to be. Ends what the connection watches.
   *
   * @param ownership of the lane, acquired
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
    // until something is committed only the group itself knows where it began
    if (tracker.safePosition() == null && !findOrigin(connection)) {
      return false;
    }
    EntryId known = tracker.lastEmitted() == null ? origin : tracker.lastEmitted();
    if (known != null) {
      recent.begin(known);
    }
    return true;
  }

  /** Makes the group if it never was; false if it was made or lost meanwhile. */
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
    LOG.info("{} made, reading from {} (redis.start.id)", group, start);
    origin = made.get().begin();
    existing.isOurs();
    return true;
  }

  /** False, with nothing done, if the group or the owner has changed meanwhile. */
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
    // not beyond the end: the ids up to the position may be handed out again
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

  /** The commands are this task's only while it owns the lane. */
  private static boolean executed(
      RedisConnection connection, LaneOwnership ownership, List<Command> commands) {
    ownership.acquire(connection);
    Optional<List<@Nullable Object>> results = ownership.execute(connection, commands);
    for (int i = 0; results.isPresent() && i < commands.size(); i++) {
      Object result = results.get().get(i);
      // somebody else has just made the group, or lost it: both are looked at once more
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
          "{} is at {}, behind {}, which this connector had reached: Redis forgot what the group was"
              + " given. It was moved forward to there: entries up to there are in Kafka, or lie"
              + " before the group's beginning, and are not produced again. If Redis forgot nothing,"
              + " but the stream was put back under its name (RENAME, RESTORE), entries after {} were"
              + " never read: use the offsets API to read them.",
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
        "{}: Redis forgot the stream's entries after {}, though this connector had read up to {}; the"
            + " stream ends at {} now. Those are in Kafka, or on their way. Ids above {} are read as"
            + " new entries; Connect's offset goes back for them (epoch {}). What was added there and"
            + " never read cannot be known. Check the server's clock and its replication.",
        group,
        floor,
        emitted,
        end,
        floor,
        epoch);
  }

  /**
   * Lets the entries after that one be emitted although the offset is past them: the only consumer
   * of the stream was never given them. Ends what the connection watches.
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
        "{}: the stream has entries after {} that this connector was never given, though it had"
            + " read up to {}: another stream was put in its place (RENAME, RESTORE), or the group"
            + " was moved back. They are read as new entries; Connect's offset goes back for them"
            + " (epoch {}).",
        group,
        floor,
        emitted,
        epoch);
  }

  private void lost(EntryId position) {
    LOG.warn("{} was lost: made again after {}, which this connector had reached", group, position);
  }

  private boolean restoreShared(
      RedisConnection connection, AckTracker tracker, RecentEntries recent, LanesState state) {
    epochs.resume(connection, tracker);
    EntryId emitted = tracker.lastEmitted();
    new ForgottenEntries(group, offsets, recent).forsake(connection, tracker);
    Optional<GroupState> found = group.state(connection);
    if (found.isEmpty()) {
      existing.isOurs();
      return makeShared(connection, state);
    }
    GroupState now = found.get();
    if (emitted == null && existing.isDue()) {
      reportExisting(connection, state, now.begin());
    }
    // what is pending was given: a group that stands before it was set back
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
    // a lane without an offset has nothing in Kafka: all it has read is pending
    EntryId origin = state.origin().orElseGet(now::begin);
    return shared.replace(connection, state, state.withOrigin(origin));
  }

  private void reportExisting(RedisConnection connection, LanesState state, EntryId begin) {
    if (state.origin().filter(begin::equals).isPresent()) {
      existing.isOurs(); // one of the lanes has just made it
    } else {
      existing.report(
          connection,
          begin,
          () -> offsets.apply(state.lanes()).stream().allMatch(Optional::isEmpty));
    }
  }

  /**
   * Tells all lanes that the group reads again what it had given before: what is pending, too. A
   * lane may not have received it, or not brought it to Kafka.
   *
   * @param reached up to where the group had been
   * @return false, with nothing done, if the state has changed meanwhile
   */
  boolean goneBack(RedisConnection connection, LanesState state, EntryId reached) {
    Optional<GroupState> now = group.state(connection);
    // whoever makes a group again tells them
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
        "{} was set back: it had been at {}, and is at {} now. Entries after {} are read again; with"
            + " several lanes they may come twice.",
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
    // ids up to the offsets may be handed out again if the stream ends before them
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
      LOG.info("{} made, reading from {} (redis.start.id)", group, start);
    } else if (made) {
      lost(position);
    }
    return made;
  }

  /** Above it, no lane can have an offset of now. */
  private EntryId highest(RedisConnection connection, Collection<Optional<EntryId>> lanes) {
    return Stream.concat(
            lanes.stream().flatMap(Optional::stream), group.lastGenerated(connection).stream())
        .max(Comparator.naturalOrder())
        .orElse(EntryId.ZERO);
  }
}
