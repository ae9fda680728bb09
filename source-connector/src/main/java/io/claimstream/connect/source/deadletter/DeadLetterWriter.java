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
 * Moves entries that cannot be processed to the dead letter stream: at once, or, where Kafka or
 * Connect has gone past them already, as soon as Redis takes them. Safe for use by several threads.
 */
public final class DeadLetterWriter {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterWriter.class);

  private final OutageBreaker breaker;
  private final DeadLetterLog log;
  // not guarded by the lock that is held while Redis is asked: the producer's thread adds to it
  private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
  private final Map<DeadLetterStream, Integer> waitingOf = new ConcurrentHashMap<>();
  private boolean closed;

  /**
   * What waits.
   *
   * @param attempt tries it once more, and tells whether it is done
   */
  private record Waiting(DeadLetterStream stream, BooleanSupplier attempt) {}

  /**
   * A writer that Redis has not failed yet.
   *
   * @param log reports what is dead-lettered
   */
  public DeadLetterWriter(OutageBreaker breaker, DeadLetterLog log) {
    this.breaker = breaker;
    this.log = log;
  }

  /** Whether it makes sense to try. */
  boolean mayTry() {
    return !breaker.isWaiting();
  }

  /** How long until it does. */
  Duration remaining() {
    return breaker.remaining();
  }

  /**
   * Moves an entry now.
   *
   * @param consumer that has it pending
   * @return false while Redis cannot take it
   * @throws ConnectException if Redis refuses it for good, or the outage has lasted too long
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

  /** Counts and logs an entry whose dead letter is written. */
  void report(DeadLetterStream stream, StreamEntry entry, Failure failure) {
    stream.metrics().deadLetters().add(1);
    log.note(
        "entry "
            + entry.id()
            + " of stream '"
            + stream.origin().stream()
            + "' ("
            + failure.stage().text()
            + "): "
            + failure.message(),
        () -> payload(entry));
  }

  /**
   * Which of these pending entries nothing holds, as {@link #markLater} noted.
   *
   * @return empty while Redis does not say
   */
  synchronized Optional<Set<EntryId>> nowhere(DeadLetterStream stream, List<EntryId> ids) {
    Set<EntryId> marked = new HashSet<>();
    return tried(stream, () -> marked.addAll(stream.nowhere(ids)))
        ? Optional.of(marked)
        : Optional.empty();
  }

  /**
   * Notes in Redis, as soon as it takes that, that nothing but the pending entry itself is left.
   */
  void markLater(DeadLetterStream stream, String consumer, EntryId id) {
    enqueue(stream, () -> tried(stream, () -> stream.markNowhere(consumer, id)));
  }

  /**
   * Remembers an entry that is to be moved although nothing waits for it.
   *
   * @param consumer that has it pending
   * @param inFlight who has to know when it is moved; null for one that was found pending, perhaps
   *     more than once
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

  /** How many entries of a stream wait in memory. */
  int waiting(DeadLetterStream stream) {
    return waitingOf.getOrDefault(stream, 0);
  }

  /**
   * Moves what waits, as far as Redis takes it.
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
    if (inFlight != null && inFlight.isForsaken()) {
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
      // counts when it is acknowledged once more, with its neighbours
      inFlight.delivered();
    }
    return true;
  }

  /** Moves what waits, if it can. What lasts of an error surfaces in the next poll. */
  void retry() {
    try {
      moveWaiting();
    } catch (ConnectException e) {
      LOG.debug("dead letters have to wait: {}", e.getMessage());
    }
  }

  /** Tells what was not told yet. What waits stays pending: a commit must not connect again. */
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
