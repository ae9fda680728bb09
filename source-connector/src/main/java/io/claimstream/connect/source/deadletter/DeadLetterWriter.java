/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import io.claimstream.connect.redis.deadletter.DeadLetterLog;
import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.retry.OutageBreaker;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.record.EntryRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writer that moves entries to the dead letter stream: immediately or, if Connect's offset may
 * already be past them, as soon as Redis accepts them. Safe for use by several threads.
 */
public final class DeadLetterWriter {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterWriter.class);

  private final OutageBreaker breaker;
  private final DeadLetterLog log;
  // not guarded by the lock that is held during Redis I/O: the producer's thread adds to it
  private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
  private final Map<DeadLetterStream, Integer> waitingOf = new ConcurrentHashMap<>();
  private boolean closed;

  /**
   * Work that waits for Redis.
   *
   * @param attempt attempts the work; returns whether it is done
   */
  private record Waiting(DeadLetterStream stream, BooleanSupplier attempt) {}

  /**
   * Creates a writer.
   *
   * @param log logs dead-lettered entries
   */
  public DeadLetterWriter(OutageBreaker breaker, DeadLetterLog log) {
    this.breaker = breaker;
    this.log = log;
  }

  /** Whether a write may be attempted now. */
  boolean mayTry() {
    return !breaker.isWaiting();
  }

  /** Time until a write may be attempted. */
  Duration remaining() {
    return breaker.remaining();
  }

  /**
   * Moves an entry immediately.
   *
   * @param consumer consumer that has the entry pending
   * @return false while Redis is unavailable
   * @throws ConnectException if Redis rejects it permanently, or the outage exceeds {@code
   *     errors.retry.timeout}
   */
  synchronized boolean move(
      DeadLetterStream stream, String consumer, StreamEntry entry, Failure failure) {
    boolean moved = move(stream, consumer, entry, failure, false);
    if (moved) {
      stream.metrics().acknowledged().add(1);
    }
    return moved;
  }

  private boolean move(
      DeadLetterStream stream,
      String consumer,
      StreamEntry entry,
      Failure failure,
      boolean mayBeDone) {
    boolean moved =
        tried(
            stream,
            () -> {
              if (mayBeDone) {
                stream.moveUnlessDone(consumer, entry, failure);
              } else {
                stream.move(consumer, entry, failure);
              }
            });
    if (moved) {
      report(stream, entry, failure);
    }
    return moved;
  }

  private boolean tried(DeadLetterStream stream, Runnable io) {
    if (!breaker.tryAcquire()) {
      return false;
    }
    try {
      io.run();
      breaker.recovered();
      return true;
    } catch (RedisOutageException e) {
      stream.metrics().errors(RedisErrorKind.OUTAGE).add(1);
      breaker.failed(e);
      return false;
    }
  }

  /** Counts and logs an entry whose dead letter was written. */
  void report(DeadLetterStream stream, StreamEntry entry, Failure failure) {
    stream.metrics().deadLetters().add(1);
    log.note(
        "entry "
            + entry.id()
            + " of stream '"
            + stream.origin().group().stream()
            + "' ("
            + failure.stage().text()
            + "): "
            + failure.message(),
        () -> payload(entry));
  }

  /**
   * Returns those of the pending entries that {@link #markLater} marked.
   *
   * @return empty while Redis is unavailable
   */
  synchronized Optional<Set<EntryId>> unwritten(DeadLetterStream stream, List<EntryId> ids) {
    Set<EntryId> marked = new HashSet<>();
    return tried(stream, () -> marked.addAll(stream.unwritten(ids)))
        ? Optional.of(marked)
        : Optional.empty();
  }

  /**
   * Marks a pending entry in Redis, as soon as Redis accepts it, as one whose dead letter was not
   * written.
   */
  void markLater(DeadLetterStream stream, String consumer, EntryId id) {
    enqueue(stream, () -> tried(stream, () -> stream.markUnwritten(consumer, id)));
  }

  /**
   * Queues an entry to be moved as soon as Redis accepts it.
   *
   * @param consumer consumer that has the entry pending
   * @param inFlight the record to report as delivered once the entry is moved; null for an entry
   *     that was found pending, possibly more than once
   */
  void moveLater(
      DeadLetterStream stream,
      String consumer,
      StreamEntry entry,
      Failure failure,
      @Nullable EntryRecord inFlight) {
    enqueue(stream, () -> moved(stream, consumer, entry, failure, inFlight));
  }

  private void enqueue(DeadLetterStream stream, BooleanSupplier attempt) {
    waiting.add(new Waiting(stream, attempt));
    waitingOf.merge(stream, 1, Integer::sum);
  }

  /** Number of entries of a stream that wait in memory. */
  int waiting(DeadLetterStream stream) {
    return waitingOf.getOrDefault(stream, 0);
  }

  /**
   * Moves waiting entries as far as Redis accepts them.
   *
   * @throws ConnectException as {@link #move} does
   */
  synchronized void moveWaiting() {
    for (Waiting next = waiting.peek(); next != null && !closed; next = waiting.peek()) {
      if (!next.attempt().getAsBoolean()) {
        return;
      }
      waiting.remove();
      waitingOf.merge(next.stream(), -1, Integer::sum);
    }
  }

  private boolean moved(
      DeadLetterStream stream,
      String consumer,
      StreamEntry entry,
      Failure failure,
      @Nullable EntryRecord inFlight) {
    if (inFlight != null && inFlight.isAbandoned()) {
      if (!tried(stream, () -> stream.copy(consumer, entry, failure))) {
        return false;
      }
      report(stream, entry, failure);
      inFlight.delivered();
      return true;
    }
    if (!move(stream, consumer, entry, failure, inFlight == null)) {
      return false;
    }
    if (inFlight == null) {
      stream.metrics().acknowledged().add(1);
    } else {
      // counted when it is acknowledged again, together with other entries
      inFlight.delivered();
    }
    return true;
  }

  /** Moves waiting entries as far as possible. A persistent error surfaces in the next poll. */
  void retry() {
    try {
      moveWaiting();
    } catch (ConnectException e) {
      LOG.debug("dead letters wait for Redis: {}", e.getMessage());
    }
  }

  /**
   * Logs counts not logged yet. Waiting entries stay pending: a commit after this must not
   * reconnect.
   */
  synchronized void close() {
    closed = true;
    log.close();
  }

  private static String payload(StreamEntry entry) {
    StringJoiner fields = new StringJoiner(", ", "{", "}");
    for (int i = 0; i < entry.size(); i++) {
      fields.add(text(entry.name(i)) + '=' + text(entry.value(i)));
    }
    return fields.toString();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
