/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.consumers;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.consumers.ConsumersState.Doubt;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.GroupReport;
import io.claimstream.connect.source.group.GroupState;
import io.claimstream.connect.source.group.MissingStreamException;
import io.claimstream.connect.source.group.StartPosition;
import io.claimstream.connect.source.lane.LaneContext;
import io.claimstream.connect.source.lane.SourceOffset;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovery of a group that several consumers of this connector read, under one value of their
 * shared state: each change of the group publishes, in the same step, that offsets are in doubt,
 * and has no effect if the state has changed. Task thread only.
 */
public final class SharedGroup {
  private static final Logger LOG = LoggerFactory.getLogger(SharedGroup.class);

  private final LaneContext lane;
  private final ConsumerGroup group;
  private final ConsumersKey key;
  private final ConsumersState state;

  SharedGroup(LaneContext lane, ConsumersKey key, ConsumersState state) {
    this.lane = lane;
    this.group = lane.group();
    this.key = key;
    this.state = state;
  }

  /**
   * Creates the group if it is missing, at the lowest offset of all lanes; if it was moved back,
   * publishes that.
   *
   * @param emitted the last id that the lane has emitted; null if none
   * @param report logs how the group was found or created
   * @return false, without any effect, if the state has changed in the meantime
   */
  public boolean restore(
      RedisConnection connection, @Nullable EntryId emitted, GroupReport report) {
    Optional<GroupState> found = group.state(connection);
    if (found.isEmpty()) {
      report.isOurs();
      return create(connection, report);
    }
    GroupState now = found.get();
    if (emitted == null) {
      state
          .origin()
          .ifPresent(
              known -> report.existsSince(connection, known, now.begin(), this::hasNoOffset));
    }
    // pending entries were delivered, so a group before them was moved back
    Optional<EntryId> reached =
        Stream.concat(Stream.ofNullable(emitted), now.highestPending().stream())
            .max(Comparator.naturalOrder())
            .filter(now::isBefore);
    if (reached.isPresent()) {
      return movedBack(connection, reached.get(), now);
    }
    if (key.isWritten(connection, state)) {
      return true;
    }
    // a lane without an offset has nothing in Kafka: all entries that it has read are pending
    EntryId origin = state.origin().orElseGet(now::begin);
    boolean written = key.replace(connection, state, state.withOrigin(origin));
    if (written && state.origin().isEmpty()) {
      // by whichever lane connects first: the others find the noted position
      report.exists(connection, origin, this::hasNoOffset);
    }
    return written;
  }

  private boolean hasNoOffset() {
    return laneOffsets().stream().allMatch(Optional::isEmpty);
  }

  private List<Optional<EntryId>> laneOffsets() {
    return lane.laneOffsets(state.lanes()).stream()
        .map(offset -> offset.map(SourceOffset::id))
        .toList();
  }

  /**
   * Publishes to all lanes that the group delivers entries again, including pending ones. A lane
   * may not have received those entries, or not delivered them to Kafka.
   *
   * @param reached the position that the group had reached
   * @return false, without any effect, if the state has changed in the meantime
   */
  boolean movedBack(RedisConnection connection, EntryId reached) {
    Optional<GroupState> now = group.state(connection);
    // the lane that recreates the group publishes it
    return now.isEmpty() || movedBack(connection, reached, now.get());
  }

  private boolean movedBack(RedisConnection connection, EntryId reached, GroupState now) {
    EntryId floor = now.begin();
    List<Optional<EntryId>> offsets = laneOffsets();
    Doubt doubt =
        new Doubt(floor, highest(connection, offsets))
            .liftedTo(reached)
            .with(state.doubt(), offsets);
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
    return key.replace(connection, state, state.withDoubt(doubt));
  }

  private boolean create(RedisConnection connection, GroupReport report) {
    List<Optional<EntryId>> offsets = laneOffsets();
    List<EntryId> certain =
        offsets.stream().map(state::certain).flatMap(Optional::stream).sorted().toList();
    boolean firstTime = certain.isEmpty();
    EntryId end = group.lastGenerated(connection).orElse(EntryId.ZERO);
    StartPosition start = lane.settings().start();
    // Redis may assign the ids up to the offsets again if the stream ends before them
    EntryId position =
        certain.size() == offsets.size() || (start.isEnd() && !firstTime)
            ? EntryId.lower(certain.get(0), end)
            : start.resolve(() -> end);
    ConsumersState next =
        firstTime ? state : state.withDoubt(new Doubt(position, highest(connection, offsets)));
    boolean createsStream = lane.settings().createsStreams();
    if (!createsStream && group.lastGenerated(connection).isEmpty()) {
      waitForStream(connection, firstTime ? state : next.withOrigin(position));
    }
    boolean created =
        key.replace(
            connection,
            state,
            next.withOrigin(position),
            group.createCommand(StartPosition.after(position), createsStream));
    if (created && firstTime) {
      report.created(connection, createsStream);
    } else if (created) {
      report.recreated(position);
    }
    return created;
  }

  /** Publishes that a stream that is added again is read from its beginning, and gives up. */
  private void waitForStream(RedisConnection connection, ConsumersState next) {
    if (!next.equals(state)) {
      key.replace(connection, state, next); // if it has changed, the next attempt repeats this
    }
    throw new MissingStreamException(group);
  }

  /** Returns the highest id that an offset from before this moment can have. */
  private EntryId highest(RedisConnection connection, Collection<Optional<EntryId>> offsets) {
    return Stream.concat(
            offsets.stream().flatMap(Optional::stream), group.lastGenerated(connection).stream())
        .max(Comparator.naturalOrder())
        .orElse(EntryId.ZERO);
  }
}
