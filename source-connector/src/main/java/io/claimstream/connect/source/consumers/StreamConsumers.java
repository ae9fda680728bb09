/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.consumers;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.LaneAcknowledgements;
import io.claimstream.connect.source.consumers.ConsumersState.Doubt;
import io.claimstream.connect.source.lane.LaneContext;
import io.claimstream.connect.source.lane.LaneOwnership;
import io.claimstream.connect.source.lane.SourceOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A lane's view of the other consumers of its group: the shared state that the lane reads under,
 * whether that state has changed, and the pending entries that the lane reads for others. With one
 * consumer per stream there is no shared state, nothing ever changes, and only the lane's own
 * ownership is left. Task thread only.
 */
public final class StreamConsumers {
  private final LaneContext lane;
  private final AckTracker tracker;
  private final ConsumersKey key;
  private final LaneOwnership ownership;
  private final FormerConsumers former;
  private final IdleTakeover takeover;
  private final CommitCheck commits;

  private boolean hasApplied;
  private boolean changed;
  private boolean several;
  private Optional<Doubt> applied = Optional.empty();

  /**
   * Creates the view of one lane.
   *
   * @param acknowledgements acknowledgements of the lane, to which those of other consumers are
   *     added
   */
  public StreamConsumers(LaneContext lane, LaneAcknowledgements acknowledgements) {
    this.lane = lane;
    this.tracker = acknowledgements.own();
    this.key = new ConsumersKey(lane.group(), lane.connector(), lane.settings().lanesPerStream());
    this.ownership = key.ownership(lane.consumer(), lane.connections().fences());
    KnownConsumers known = new KnownConsumers(key, name -> lane.offset(name).isPresent());
    this.former = new FormerConsumers(lane, acknowledgements, key, known);
    this.commits = new CommitCheck(lane.group());
    this.takeover = new IdleTakeover(lane, acknowledgements, key, known);
  }

  /** The ownership of the lane's consumer. */
  public LaneOwnership ownership() {
    return ownership;
  }

  /** Whether other lanes may read the stream, as far as this lane knows. */
  public boolean several() {
    return several;
  }

  /** Whether {@link #acquire} must be called before the next read. */
  public boolean isChanged() {
    return changed;
  }

  /**
   * Becomes the owner of the lane's consumer and applies the shared state to all following reads.
   * If the group went back, this lane goes back too, because entries that it receives now may have
   * been another lane's before. All returned entries must have been emitted.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if a newer task owns the consumer
   */
  public void acquire(RedisConnection open) {
    ConsumersState state = acquired(open);
    Optional<ConsumersState> better = better(state);
    while (better.isPresent()) {
      key.replace(open, state, better.get());
      state = acquired(open);
      better = better(state);
    }
    if (!state.doubt().equals(applied)) {
      applied = state.doubt();
      applied.ifPresent(doubt -> doubt.applyTo(tracker));
      applied.ifPresent(doubt -> former.trackers().forEach(doubt::applyTo));
    }
    several = state.several();
    hasApplied = true;
    changed = false;
  }

  private ConsumersState acquired(RedisConnection open) {
    ownership.acquire(open);
    return key.parse(ownership.alsoWatched());
  }

  /**
   * Applies the shared state after the group was restored. While the offset is in doubt, the lane
   * goes back again: the group may have gone back again under the same doubt, and the entries of a
   * lost reply are pending now.
   */
  public void restored(RedisConnection open) {
    acquire(open);
    if (several) {
      applied.ifPresent(doubt -> doubt.applyTo(tracker));
    }
  }

  /**
   * Makes entries of the lane's consumer pending again that Kafka has confirmed and lost since.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if a newer task owns the consumer
   */
  public void restoreLostByKafka(RedisConnection open) {
    SourceOffset stored = lane.offsetAtStart(lane.consumer());
    if (commits.restore(open, ownership, () -> stored, tracker.lastEmitted())) {
      rewatch(open);
    }
  }

  private Optional<ConsumersState> better(ConsumersState state) {
    return reinstated(state).or(() -> lifted(state));
  }

  /** Restores a doubt that Redis has lost while the offsets that it concerns are still stored. */
  private Optional<ConsumersState> reinstated(ConsumersState state) {
    return applied
        .filter(doubt -> state.several() && hasApplied)
        .filter(doubt -> doubt.holds(Optional.ofNullable(tracker.lastEmitted())))
        .filter(doubt -> state.doubt().filter(stored -> stored.covers(doubt)).isEmpty())
        .map(doubt -> state.withDoubt(state.doubt().map(doubt::and).orElse(doubt)));
  }

  /**
   * Extends a doubt to entries that this task emitted before it knew of the doubt, so that the
   * other lanes see it.
   */
  private Optional<ConsumersState> lifted(ConsumersState state) {
    EntryId reached = tracker.lastEmitted();
    return !hasApplied || reached == null || state.doubt().equals(applied)
        ? Optional.empty()
        : state
            .doubt()
            .filter(doubt -> !doubt.holds(Optional.of(reached)))
            .map(doubt -> state.withDoubt(doubt.liftedTo(reached)));
  }

  /**
   * Compares the shared state that the ownership has just seen with the one that the lane reads
   * under; a change must be applied before the next read.
   *
   * @param mine whether the ownership has seen that this task is the owner
   * @throws org.apache.kafka.connect.errors.ConnectException if a newer task owns the consumer; the
   *     entries stay pending for that task
   */
  public void observe(RedisConnection open, boolean mine) {
    ConsumersState state = mine ? key.parse(ownership.alsoWatched()) : acquired(open);
    changed = !state.doubt().equals(applied);
    several = state.several();
  }

  /**
   * Watches the shared state again after a transaction has ended the watch.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if a newer task owns the consumer
   */
  public void rewatch(RedisConnection open) {
    observe(open, false);
  }

  /** Returns the group as the lanes share it; empty if this lane reads the stream alone. */
  public Optional<SharedGroup> shared(RedisConnection open) {
    return Optional.of(key.read(open))
        .filter(ConsumersState::several)
        .map(state -> new SharedGroup(lane, key, state));
  }

  /**
   * Checks an entry that this lane received. With several lanes, an entry below the last emitted
   * id, or below the group's previous position, may have been another lane's.
   */
  public void received(RedisConnection open, EntryId id, @Nullable EntryId groupStoodAt) {
    EntryId reached =
        EntryId.higher(
            Objects.requireNonNullElse(tracker.lastEmitted(), EntryId.ZERO),
            Objects.requireNonNullElse(groupStoodAt, EntryId.ZERO));
    if (id.isAfter(reached)) {
      return;
    }
    boolean published = false;
    while (!published) {
      Optional<SharedGroup> shared = shared(open);
      if (shared.isEmpty()) {
        return;
      }
      published = shared.get().movedBack(open, reached);
    }
    acquire(open);
    tracker.goBackTo(id.previous()); // the doubt may have existed before
  }

  /**
   * Returns pending entries that other consumers have left to this lane: former consumers of the
   * connector, and, with {@code redis.claim.idle.ms}, other programs. None unless a check is due.
   */
  public List<Backlog> due(RedisConnection open) {
    boolean isRecoveryDue = former.isDue();
    boolean isTakeoverDue = takeover.isDue();
    List<Backlog> due = new ArrayList<>();
    if (isRecoveryDue) {
      due.addAll(former.due(open));
    }
    if (isTakeoverDue) {
      takeover.due(open).ifPresent(due::add);
    }
    if (isRecoveryDue || isTakeoverDue) {
      // acquiring the other consumers ended the watch
      rewatch(open);
    }
    return due;
  }
}
