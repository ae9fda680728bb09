/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.read.LanesState.Doubt;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A lane's view of the shared state of its stream's lanes: the state that it reads under, and
 * whether that state has changed. Task thread only.
 */
final class LanesWatch {
  private final LaneOwnership ownership;
  private final SharedLanes shared;
  private final GroupRecovery recovery;
  private final AckTracker tracker;
  private final Supplier<Collection<AckTracker>> others;

  private boolean hasApplied;
  private boolean changed;
  private boolean several;
  private Optional<Doubt> applied = Optional.empty();

  /**
   * Creates the watch of one lane.
   *
   * @param others trackers of consumers whose entries the lane has taken over
   */
  LanesWatch(
      LaneOwnership ownership,
      SharedLanes shared,
      GroupRecovery recovery,
      AckTracker tracker,
      Supplier<Collection<AckTracker>> others) {
    this.ownership = ownership;
    this.shared = shared;
    this.recovery = recovery;
    this.tracker = tracker;
    this.others = others;
  }

  /** Whether other lanes may read the stream, as far as this lane knows. */
  boolean several() {
    return several;
  }

  /** Whether {@link #apply} must be called before the next read. */
  boolean isChanged() {
    return changed;
  }

  /**
   * Watches the shared state and applies it to all following reads. If the group went back, this
   * lane goes back too, because entries that it receives now may have been another lane's before.
   * All returned entries must have been emitted.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if a newer task owns the consumer
   */
  void apply(RedisConnection open) {
    LanesState state = ownership.acquire(open);
    Optional<LanesState> better = better(state);
    while (better.isPresent()) {
      shared.replace(open, state, better.get());
      state = ownership.acquire(open);
      better = better(state);
    }
    if (!state.doubt().equals(applied)) {
      state.doubt().ifPresent(doubt -> doubt.applyTo(tracker));
      state.doubt().ifPresent(doubt -> others.get().forEach(doubt::applyTo));
      applied = state.doubt();
    }
    several = state.several();
    hasApplied = true;
    changed = false;
  }

  /**
   * Goes back again on a new connection while the offset is in doubt: the group may have gone back
   * again under the same doubt, and the entries of a lost reply are pending now.
   */
  void applyAgain() {
    if (several) {
      applied.ifPresent(doubt -> doubt.applyTo(tracker));
    }
  }

  private Optional<LanesState> better(LanesState state) {
    return reinstated(state).or(() -> lifted(state));
  }

  /** Restores a doubt that Redis has lost while the offsets that it concerns are still stored. */
  private Optional<LanesState> reinstated(LanesState state) {
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
  private Optional<LanesState> lifted(LanesState state) {
    EntryId reached = tracker.lastEmitted();
    return !hasApplied || reached == null || state.doubt().equals(applied)
        ? Optional.empty()
        : state
            .doubt()
            .filter(doubt -> !doubt.holds(Optional.of(reached)))
            .map(doubt -> state.withDoubt(doubt.liftedTo(reached)));
  }

  /** Records the current shared state; a change must be applied before the next read. */
  void observe(LanesState state) {
    changed = !state.doubt().equals(applied);
  }

  /**
   * Watches the shared state again after a transaction has ended the watch.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if a newer task owns the consumer
   */
  void rewatch(RedisConnection open) {
    observe(ownership.acquire(open));
  }

  /**
   * Checks an entry that this lane received. With several lanes, an entry below the last emitted
   * id, or below the group's previous position, may have been another lane's.
   */
  void goBackBefore(RedisConnection open, EntryId id, @Nullable EntryId groupStoodAt) {
    EntryId reached =
        EntryId.higher(
            Objects.requireNonNullElse(tracker.lastEmitted(), EntryId.ZERO),
            Objects.requireNonNullElse(groupStoodAt, EntryId.ZERO));
    if (id.isAfter(reached)) {
      return;
    }
    boolean reported = false;
    while (!reported) {
      LanesState state = shared.read(open);
      if (!state.several()) {
        return;
      }
      reported = recovery.goneBack(open, state, reached);
    }
    apply(open);
    tracker.goBackTo(id.previous()); // the doubt may have existed before
  }
}
