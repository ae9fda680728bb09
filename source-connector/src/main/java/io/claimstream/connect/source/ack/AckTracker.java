/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.lane.SourceOffset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * State of the entries of one source partition: emitted, then delivered to Kafka, then acknowledged
 * to Redis. In memory only, no I/O.
 *
 * <p>Entries are emitted in ascending order of their ids. {@link #delivered} may be called by any
 * thread (Connect calls it on the producer's thread), the other methods by the task and commit
 * threads.
 */
public final class AckTracker {
  // hash-based, so that the cost per entry does not grow with the number of entries in flight
  private final Map<EntryId, Integer> inFlight = new HashMap<>();
  private final Set<EntryId> acknowledgeable = new LinkedHashSet<>();
  private final Set<Abandoned> abandoned = new HashSet<>();
  private final Commits commits;
  private @Nullable EntryId emitted;
  private long epoch;
  private int era;
  private long readySinceNanos;

  /** An entry in flight that Redis has since lost; another entry may get its id. */
  private record Abandoned(EntryId id, int era) {}

  /** Handling of an entry that was read. */
  public enum Verdict {
    /** The entry was never emitted: emit it now. */
    EMIT,
    /** The entry was emitted by this task and is in flight: it is acknowledged later. */
    IN_FLIGHT,
    /** Kafka has the entry: only acknowledge it. */
    DONE
  }

  /**
   * Creates a tracker that starts at Connect's offset.
   *
   * @param committed id of the last entry that Kafka has; null if none
   */
  public AckTracker(@Nullable EntryId committed) {
    this(committed, new Commits(null, null));
  }

  private AckTracker(@Nullable EntryId committed, Commits commits) {
    this.emitted = committed;
    this.commits = commits;
  }

  /**
   * Creates a tracker that starts at Connect's offset of a partition that may be read in epochs.
   *
   * @param committed null if there is no offset
   */
  public static AckTracker resuming(@Nullable SourceOffset committed) {
    return resuming(committed, null);
  }

  /**
   * Creates a tracker like {@link #resuming(SourceOffset)} whose commits are stored.
   *
   * @param key where they are stored; null for nowhere
   */
  public static AckTracker resuming(@Nullable SourceOffset committed, @Nullable CommitKey key) {
    AckTracker tracker =
        new AckTracker(committed == null ? null : committed.id(), new Commits(key, committed));
    tracker.epoch = committed == null ? 0 : committed.epoch();
    return tracker;
  }

  /** What Kafka has committed of the partition. */
  public Commits commits() {
    return commits;
  }

  /** Decides how to handle an entry that Redis delivered, possibly again. */
  public synchronized Verdict judge(EntryId id) {
    if (inFlight.containsKey(id)) {
      return Verdict.IN_FLIGHT;
    }
    return emitted == null || id.isAfter(emitted) ? Verdict.EMIT : Verdict.DONE;
  }

  /**
   * Goes back so that entries after {@code id} are emitted, possibly again. With several lanes on a
   * stream, a lane's offset does not show whether Kafka has an entry that another lane may have
   * read.
   */
  public synchronized void goBackTo(EntryId id) {
    if (emitted != null && emitted.isAfter(id)) {
      emitted = id;
    }
  }

  /**
   * Begins an epoch while no entry is in flight; its ids may be lower than those of the previous
   * epoch.
   *
   * @param number number of the epoch; an offset of another epoch does not apply to it
   */
  public synchronized void beginEpoch(long number) {
    emitted = null;
    epoch = number;
  }

  /**
   * Goes back because Redis lost every entry after {@code floor}: ids above it now belong to other
   * entries.
   *
   * @param number number of the epoch that begins; an offset of an earlier epoch does not apply to
   *     it
   */
  public synchronized void restartAfter(EntryId floor, long number) {
    goBackTo(floor);
    abandon(id -> id.isAfter(floor));
    acknowledgeable.removeIf(id -> id.isAfter(floor));
    epoch = number;
  }

  /**
   * Abandons entries in flight that Redis has lost. They still reach Kafka, but other entries may
   * get their ids, and those must be neither treated as in flight nor acknowledged in their place.
   */
  public synchronized void abandon(Predicate<EntryId> lost) {
    for (Iterator<Map.Entry<EntryId, Integer>> each = inFlight.entrySet().iterator();
        each.hasNext(); ) {
      Map.Entry<EntryId, Integer> next = each.next();
      if (lost.test(next.getKey())) {
        abandoned.add(new Abandoned(next.getKey(), next.getValue()));
        each.remove();
      }
    }
    era++;
  }

  /** Distinguishes entries with the same id that were emitted before and after Redis lost data. */
  public synchronized int era() {
    return era;
  }

  /** The ids of the entries in flight. */
  public synchronized Set<EntryId> inFlightIds() {
    return Set.copyOf(inFlight.keySet());
  }

  /** The number of the current epoch; 0 if none has begun. */
  public synchronized long epoch() {
    return epoch;
  }

  /**
   * Records that an entry is emitted to Kafka.
   *
   * @throws IllegalStateException if its id is not above all emitted ids: Connect's offset would no
   *     longer show which entries Kafka has
   */
  public synchronized void emitted(EntryId id) {
    if (emitted != null && !id.isAfter(emitted)) {
      throw new IllegalStateException("entry " + id + " must not be emitted after " + emitted);
    }
    emitted = id;
    inFlight.put(id, era);
    // a lost entry with the same id may still wait for its acknowledgement
    acknowledgeable.remove(id);
  }

  /**
   * Records that Kafka has the entry.
   *
   * @param emittedIn the {@link #era} in which it was emitted
   */
  public synchronized void delivered(EntryId id, int emittedIn) {
    if (abandoned.isEmpty() || !abandoned.remove(new Abandoned(id, emittedIn))) {
      delivered(id);
    }
  }

  /** Whether Redis lost the entry while it was in flight. */
  public synchronized boolean isAbandoned(EntryId id, int emittedIn) {
    return abandoned.contains(new Abandoned(id, emittedIn));
  }

  /** Records that Kafka has the entry. */
  public synchronized void delivered(EntryId id) {
    inFlight.remove(id);
    if (acknowledgeable.isEmpty()) {
      readySinceNanos = System.nanoTime();
    }
    acknowledgeable.add(id);
  }

  /**
   * Time for which the oldest delivered entry has waited to be acknowledged; zero if none waits.
   */
  public synchronized Duration waiting() {
    return acknowledgeable.isEmpty()
        ? Duration.ZERO
        : Duration.ofNanos(System.nanoTime() - readySinceNanos);
  }

  /**
   * Records an entry that needs no delivery, only an acknowledgement.
   *
   * @return false if the entry already waits for its acknowledgement
   */
  public synchronized boolean done(EntryId id) {
    if (acknowledgeable.isEmpty()) {
      readySinceNanos = System.nanoTime();
    }
    return acknowledgeable.add(id);
  }

  /**
   * Takes ids to acknowledge now; the caller acknowledges them or puts them back.
   *
   * @param atMost maximum number of ids
   */
  public synchronized List<EntryId> take(int atMost) {
    if (acknowledgeable.isEmpty()) {
      return List.of();
    }
    List<EntryId> taken = new ArrayList<>(Math.min(atMost, acknowledgeable.size()));
    Iterator<EntryId> ids = acknowledgeable.iterator();
    while (ids.hasNext() && taken.size() < atMost) {
      taken.add(ids.next());
      ids.remove();
    }
    return taken;
  }

  /** Puts back ids whose acknowledgement failed or was not confirmed. */
  public synchronized void putBack(List<EntryId> ids) {
    acknowledgeable.addAll(ids);
  }

  /**
   * The highest id up to which Kafka has every entry, so that reading after it loses none; null if
   * none was ever emitted.
   */
  public synchronized @Nullable EntryId safePosition() {
    EntryId lowest = inFlight.keySet().stream().min(Comparator.naturalOrder()).orElse(null);
    // the last emitted id may be lower: the tracker went back while entries were in flight
    return lowest == null || (emitted != null && lowest.isAfter(emitted))
        ? emitted
        : lowest.previous();
  }

  /** The id that was emitted last, or Connect's offset; null if there is neither. */
  public synchronized @Nullable EntryId lastEmitted() {
    return emitted;
  }

  /** Number of emitted entries that Kafka has not confirmed yet. */
  public synchronized int inFlight() {
    return inFlight.size();
  }
}
