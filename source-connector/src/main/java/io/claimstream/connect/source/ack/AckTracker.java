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
 * What became of the entries of one source partition: emitted, then delivered to Kafka, then
 * acknowledged to Redis. Pure memory, no I/O.
 *
 * <p>Entries are emitted in rising order of their ids. {@link #delivered} may be called by any
 * thread (Connect calls it from the producer's); the other methods by the task and commit threads.
 */
public final class AckTracker {
  // sets, so that nothing here grows dearer with the number of entries on their way
  private final Map<EntryId, Integer> inFlight = new HashMap<>();
  private final Set<EntryId> acknowledgeable = new LinkedHashSet<>();
  private final Set<Forsaken> forsaken = new HashSet<>();
  private @Nullable EntryId emitted;
  private long epoch;
  private int era;
  private long readySinceNanos;

  /** An entry in flight that Redis has forgotten since; another one may get its id. */
  private record Forsaken(EntryId id, int era) {}

  /** What to do with an entry that was read. */
  public enum Verdict {
    /** Never emitted: emit it now. */
    EMIT,
    /** Emitted by this task and still on its way: its acknowledgement will come. */
    IN_FLIGHT,
    /** Kafka has it: only acknowledge it. */
    DONE
  }

  /**
   * Starts from Connect's offset.
   *
   * @param committed the last entry that Kafka has; null if none
   */
  public AckTracker(@Nullable EntryId committed) {
    this.emitted = committed;
  }

  /** Starts from Connect's offset of a partition that may be read in epochs. */
  public static AckTracker resuming(SourceOffset committed) {
    AckTracker tracker = new AckTracker(committed.id());
    tracker.epoch = committed.epoch();
    return tracker;
  }

  /** Judges an entry that Redis delivered, perhaps again. */
  public synchronized Verdict judge(EntryId id) {
    if (inFlight.containsKey(id)) {
      return Verdict.IN_FLIGHT;
    }
    return emitted == null || id.isAfter(emitted) ? Verdict.EMIT : Verdict.DONE;
  }

  /**
   * Goes back, so that entries after that one are emitted, perhaps again: with several lanes on a
   * stream, a lane's offset cannot tell whether Kafka has an entry that another lane may have read.
   */
  public synchronized void goBackTo(EntryId id) {
    if (emitted != null && emitted.isAfter(id)) {
      emitted = id;
    }
  }

  /**
   * Begins an epoch, when nothing is on its way: its ids may be lower than those before.
   *
   * @param number of the epoch: an offset of another one says nothing about it
   */
  public synchronized void beginEpoch(long number) {
    emitted = null;
    epoch = number;
  }

  /**
   * Goes back because Redis forgot every entry after that one: ids above it are other entries now.
   *
   * @param number of the epoch from now on: an offset of a former one says nothing about these
   */
  public synchronized void restartAfter(EntryId floor, long number) {
    goBackTo(floor);
    forsake(id -> id.isAfter(floor));
    acknowledgeable.removeIf(id -> id.isAfter(floor));
    epoch = number;
  }

  /**
   * Gives up entries in flight that Redis has forgotten: they still reach Kafka, but their ids may
   * be other entries' from now on, which are neither in flight nor to be acknowledged for them.
   */
  public synchronized void forsake(Predicate<EntryId> forgotten) {
    for (Iterator<Map.Entry<EntryId, Integer>> each = inFlight.entrySet().iterator();
        each.hasNext(); ) {
      Map.Entry<EntryId, Integer> next = each.next();
      if (forgotten.test(next.getKey())) {
        forsaken.add(new Forsaken(next.getKey(), next.getValue()));
        each.remove();
      }
    }
    era++;
  }

  /** Tells entries with the same id apart that were emitted before and after Redis forgot. */
  public synchronized int era() {
    return era;
  }

  /** The entries in flight. */
  public synchronized Set<EntryId> inFlightIds() {
    return Set.copyOf(inFlight.keySet());
  }

  /** The number of the epoch that is emitted; 0 if there was none yet. */
  public synchronized long epoch() {
    return epoch;
  }

  /**
   * Notes that an entry leaves for Kafka.
   *
   * @throws IllegalStateException if its id is not above all emitted ones: Connect's offset could
   *     then no longer tell what Kafka has
   */
  public synchronized void emitted(EntryId id) {
    if (emitted != null && !id.isAfter(emitted)) {
      throw new IllegalStateException("entry " + id + " emitted after " + emitted);
    }
    emitted = id;
    inFlight.put(id, era);
    // one of that id which Redis forgot may still be waiting
    acknowledgeable.remove(id);
  }

  /**
   * Notes that Kafka has the entry.
   *
   * @param emittedIn the {@link #era} in which it was emitted
   */
  public synchronized void delivered(EntryId id, int emittedIn) {
    if (forsaken.isEmpty() || !forsaken.remove(new Forsaken(id, emittedIn))) {
      delivered(id);
    }
  }

  /** Whether Redis forgot an entry while it was on its way. */
  public synchronized boolean isForsaken(EntryId id, int emittedIn) {
    return forsaken.contains(new Forsaken(id, emittedIn));
  }

  /** Notes that Kafka has the entry. */
  public synchronized void delivered(EntryId id) {
    inFlight.remove(id);
    if (acknowledgeable.isEmpty()) {
      readySinceNanos = System.nanoTime();
    }
    acknowledgeable.add(id);
  }

  /**
   * How long the first of the entries that are ready to be acknowledged has been so; zero if none.
   */
  public synchronized Duration waiting() {
    return acknowledgeable.isEmpty()
        ? Duration.ZERO
        : Duration.ofNanos(System.nanoTime() - readySinceNanos);
  }

  /**
   * Notes an entry that needs no delivery, only an acknowledgement.
   *
   * @return false if that was known, and its acknowledgement has not worked yet
   */
  public synchronized boolean done(EntryId id) {
    if (acknowledgeable.isEmpty()) {
      readySinceNanos = System.nanoTime();
    }
    return acknowledgeable.add(id);
  }

  /**
   * Hands out ids to acknowledge now; the caller acknowledges them or puts them back.
   *
   * @param atMost how many
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

  /** Takes back ids whose acknowledgement is not known to have worked. */
  public synchronized void putBack(List<EntryId> ids) {
    acknowledgeable.addAll(ids);
  }

  /**
   * The highest id up to which Kafka has everything, so that reading after it loses nothing; null
   * if nothing was ever emitted.
   */
  public synchronized @Nullable EntryId safePosition() {
    EntryId lowest = inFlight.keySet().stream().min(Comparator.naturalOrder()).orElse(null);
    // what was emitted last may be lower: the tracker went back while entries were on their way
    return lowest == null || (emitted != null && lowest.isAfter(emitted))
        ? emitted
        : lowest.previous();
  }

  /** The entry that was emitted last; null if none was, and Connect had no offset. */
  public synchronized @Nullable EntryId lastEmitted() {
    return emitted;
  }

  /** How many emitted entries Kafka has not confirmed yet. */
  public synchronized int inFlight() {
    return inFlight.size();
  }
}
