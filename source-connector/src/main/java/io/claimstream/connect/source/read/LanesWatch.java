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
 * What a lane knows of the others of its stream: under which of their states it reads, and whether
 * that has changed since. Task thread only.
 */
final class LanesWatch {
  private final LaneOwnership ownership;
  private final SharedLanes shared;
  private final GroupRecovery recovery;
  private final AckTracker tracker;
  private final Supplier<Collection<AckTracker>> others;

  private boolean hasHeeded;
  private boolean changed;
  private boolean several;
  private Optional<Doubt> heeded = Optional.empty();

  /**
   * The watch of one lane.
   *
   * @param others the trackers of consumers whose entries the lane has taken over
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

  /** Whether other lanes may read the stream, as far as this one knows. */
  boolean several() {
    return several;
  }

  /** Whether {@link #heed} has to be called before the lane reads on. */
  boolean isChanged() {
    return changed;
  }

  /**
   * Watches the state of the stream's lanes, and takes it as the one under which is read from now
   * on. If the group went back, so does this lane: what it is given now may have been another
   * lane's before. All that was returned must have been emitted.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if a newer task owns the lane
   */
  void heed(RedisConnection open) {
    LanesState state = ownership.acquire(open);
    Optional<LanesState> better = better(state);
    while (better.isPresent()) {
      shared.replace(open, state, better.get());
      state = ownership.acquire(open);
      better = better(state);
    }
    if (!state.doubt().equals(heeded)) {
      state.doubt().ifPresent(doubt -> doubt.applyTo(tracker));
      state.doubt().ifPresent(doubt -> others.get().forEach(doubt::applyTo));
      heeded = state.doubt();
    }
    several = state.several();
    hasHeeded = true;
    changed = false;
  }

  /**
   * Goes back once more at a new connection, as long as the offset is in doubt: the group may have
   * gone back again under the same doubt, and what came with a lost reply is pending now.
   */
  void heedAgain() {
    if (several) {
      heeded.ifPresent(doubt -> doubt.applyTo(tracker));
    }
  }

  private Optional<LanesState> better(LanesState state) {
    return reinstated(state).or(() -> lifted(state));
  }

  /** Redis may have forgotten a doubt, too, while the offsets that it is about are still stored. */
  private Optional<LanesState> reinstated(LanesState state) {
    return heeded
        .filter(doubt -> state.several() && hasHeeded)
        .filter(doubt -> doubt.holds(Optional.ofNullable(tracker.lastEmitted())))
        .filter(doubt -> state.doubt().filter(stored -> stored.covers(doubt)).isEmpty())
        .map(doubt -> state.withDoubt(state.doubt().map(doubt::and).orElse(doubt)));
  }

  /** What this task emitted before it knew of a doubt is in doubt, too: the others must know. */
  private Optional<LanesState> lifted(LanesState state) {
    EntryId reached = tracker.lastEmitted();
    return !hasHeeded || reached == null || state.doubt().equals(heeded)
        ? Optional.empty()
        : state
            .doubt()
            .filter(doubt -> !doubt.holds(Optional.of(reached)))
            .map(doubt -> state.withDoubt(doubt.liftedTo(reached)));
  }

  /** Notes the state under which the next read would be; it is heeded before that. */
  void note(LanesState state) {
    changed = !state.doubt().equals(heeded);
  }

  /**
   * Watches again, after a transaction has ended that.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if a newer task owns the lane
   */
  void renew(RedisConnection open) {
    note(ownership.acquire(open));
  }

  /**
   * Looks at an entry that this lane was given. With several lanes one below what it emitted, or
   * below where the group stood before, may have been another lane's.
   */
  void goBackBefore(RedisConnection open, EntryId id, @Nullable EntryId groupStoodAt) {
    EntryId reached =
        EntryId.higher(
            Objects.requireNonNullElse(tracker.lastEmitted(), EntryId.ZERO),
            Objects.requireNonNullElse(groupStoodAt, EntryId.ZERO));
    if (id.isAfter(reached)) {
      return;
    }
    boolean told = false;
    while (!told) {
      LanesState state = shared.read(open);
      if (!state.several()) {
        return;
      }
      told = recovery.goneBack(open, state, reached);
    }
    heed(open);
    tracker.goBackTo(id.previous()); // the doubt may have been there before
  }
}
