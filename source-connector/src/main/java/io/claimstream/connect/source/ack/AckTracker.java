/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What became of the entries of one source partition: emitted, then delivered to Kafka, then
 * acknowledged to Redis. Pure memory, no I/O.
 *
 * <p>Entries are emitted in rising order of their ids. {@link #delivered} may be called by any
 * thread (Connect calls it from the producer's); the other methods by the task and commit threads.
 */
public final class AckTracker {
  private final ArrayDeque<EntryId> inFlight = new ArrayDeque<>();
  private final Set<EntryId> deliveredOutOfOrder = new HashSet<>();
  private List<EntryId> acknowledgeable = new ArrayList<>();
  private @Nullable EntryId emitted;

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

  /** Judges an entry that Redis delivered, perhaps again. */
  public synchronized Verdict judge(EntryId id) {
    if (inFlight.contains(id) && !deliveredOutOfOrder.contains(id)) {
      return Verdict.IN_FLIGHT;
    }
    return emitted == null || id.isAfter(emitted) ? Verdict.EMIT : Verdict.DONE;
  }

  /**
   * Goes back so that an entry is emitted, perhaps again: with several lanes on a stream, a lane's
   * offset cannot tell whether Kafka has an entry that another lane may have read.
   */
  public synchronized void rewindBefore(EntryId id) {
    if (emitted != null && !id.isAfter(emitted)) {
      emitted = id.previous();
    }
  }

  /** Forgets what was emitted, when nothing is on its way: ids may begin anew. */
  public synchronized void startOver() {
    emitted = null;
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
    inFlight.add(id);
  }

  /** Notes that Kafka has the entry. */
  public synchronized void delivered(EntryId id) {
    if (id.equals(inFlight.peek())) {
      inFlight.remove();
      while (!deliveredOutOfOrder.isEmpty() && deliveredOutOfOrder.remove(inFlight.peek())) {
        inFlight.remove();
      }
    } else {
      deliveredOutOfOrder.add(id);
    }
    acknowledgeable.add(id);
  }

  /** Notes entries that need no delivery, only an acknowledgement. */
  public synchronized void done(EntryId id) {
    acknowledgeable.add(id);
  }

  /** Hands out the ids to acknowledge now; the caller acknowledges them or puts them back. */
  public synchronized List<EntryId> take() {
    if (acknowledgeable.isEmpty()) {
      return List.of();
    }
    List<EntryId> taken = acknowledgeable;
    acknowledgeable = new ArrayList<>();
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
    // not simply the first: after going back, lower ids come later
    return inFlight.stream()
        .filter(id -> !deliveredOutOfOrder.contains(id))
        .min(Comparator.naturalOrder())
        .map(EntryId::previous)
        .orElse(emitted);
  }

  /** The entry that was emitted last; null if none was, and Connect had no offset. */
  public synchronized @Nullable EntryId lastEmitted() {
    return emitted;
  }

  /** How many emitted entries Kafka has not confirmed yet. */
  public synchronized int inFlight() {
    return inFlight.size() - deliveredOutOfOrder.size();
  }
}
