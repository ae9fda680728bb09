/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.read.LanesState.Doubt;
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
 * Makes sure that the group exists and stands where Connect's offset says.
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
  private @Nullable EntryId origin;

  /**
   * The recovery of a lane's group.
   *
   * @param start where a group begins that never was
   * @param shared what the stream's lanes know of each other
   * @param offsets the committed offsets of that many lanes of the stream, in their order; asked
   *     for when there are several
   */
  public GroupRecovery(
      ConsumerGroup group,
      StartPosition start,
      SharedLanes shared,
      IntFunction<List<Optional<EntryId>>> offsets) {
    this.group = group;
    this.start = start;
    this.shared = shared;
    this.offsets = offsets;
  }

  /** Makes or moves the group if it has to be. Ends what the connection watches. */
  void restore(RedisConnection connection, AckTracker tracker) {
    boolean restored = false;
    while (!restored) {
      LanesState state = shared.read(connection);
      restored =
          state.several()
              ? restoreShared(connection, tracker, state)
              : restoreOwn(connection, tracker);
    }
  }

  private boolean restoreOwn(RedisConnection connection, AckTracker tracker) {
    Optional<GroupInfo> info = group.info(connection);
    EntryId position = tracker.safePosition() == null ? origin : tracker.safePosition();
    if (info.isEmpty()) {
      if (position == null) {
        if (group.create(connection, start)) {
          LOG.info("{} made, reading from {} (redis.start.id)", group, start);
        }
      } else if (group.create(connection, StartPosition.after(position))) {
        lost(position);
      }
    } else if (position != null && position.isAfter(info.get().lastDelivered())) {
      group.moveTo(connection, StartPosition.after(position));
      LOG.warn(
          "{} stood at {}, before Connect's offset {}: moved forward to it",
          group,
          info.get().lastDelivered(),
          position);
    }
    if (position == null) {
      // until something is committed only the group itself knows where it began
      origin = group.info(connection).map(made -> begin(connection, made)).orElse(null);
    }
    return true;
  }

  private void lost(EntryId position) {
    LOG.warn("{} was lost: made again after {}, where Connect's offset stands", group, position);
  }

  /** A position of the group with nothing pending at or below it. */
  private EntryId begin(RedisConnection connection, GroupInfo info) {
    return group
        .lowestPending(connection)
        .map(EntryId::previous)
        .filter(pending -> info.lastDelivered().isAfter(pending))
        .orElse(info.lastDelivered());
  }

  private boolean restoreShared(RedisConnection connection, AckTracker tracker, LanesState state) {
    Optional<GroupInfo> info = group.info(connection);
    if (info.isEmpty()) {
      return makeShared(connection, state);
    }
    EntryId emitted = tracker.lastEmitted();
    if (emitted != null && emitted.isAfter(info.get().lastDelivered())) {
      LOG.warn(
          "{} stood at {}, before {}, where this lane was: reading on from there. With several"
              + " lanes entries may come twice then.",
          group,
          info.get().lastDelivered(),
          emitted);
      return goneBack(connection, state, begin(connection, info.get()), emitted);
    }
    if (shared.isWritten(connection, state)) {
      return true;
    }
    // a lane without an offset has nothing in Kafka: all it has read is pending
    EntryId origin = state.origin().orElseGet(() -> begin(connection, info.get()));
    return shared.replace(connection, state, state.withOrigin(origin));
  }

  /** Tells all lanes that the group reads again what comes after a position. */
  boolean goneBack(RedisConnection connection, LanesState state, EntryId floor, EntryId reached) {
    List<Optional<EntryId>> lanes = offsets.apply(state.lanes());
    Doubt doubt =
        new Doubt(floor, highest(connection, lanes)).liftedTo(reached).with(state.doubt(), lanes);
    return shared.replace(connection, state, state.withDoubt(doubt));
  }

  private boolean makeShared(RedisConnection connection, LanesState state) {
    List<Optional<EntryId>> lanes = offsets.apply(state.lanes());
    List<EntryId> certain =
        lanes.stream().map(state::certain).flatMap(Optional::stream).sorted().toList();
    boolean firstTime = certain.isEmpty();
    EntryId position =
        certain.size() == lanes.size() || (start.isEnd() && !firstTime)
            ? certain.get(0)
            : start.resolve(() -> group.lastGenerated(connection).orElse(EntryId.ZERO));
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
