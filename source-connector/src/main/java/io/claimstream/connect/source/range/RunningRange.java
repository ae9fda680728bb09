/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.range;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.deadletter.DeadLetterLog;
import io.claimstream.connect.redis.deadletter.ThrottledCount;
import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.redis.retry.OutageBreaker;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.source.Heartbeats;
import io.claimstream.connect.source.deadletter.DeadLetterTopic;
import io.claimstream.connect.source.deadletter.EntryOrigin;
import io.claimstream.connect.source.deadletter.Failure;
import io.claimstream.connect.source.decode.BadEntryException;
import io.claimstream.connect.source.decode.FieldFilter;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.record.SourceRecordFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * State of a started task. The position of each stream is only in Connect's offsets, which are
 * stored with the records. {@link #poll} is called by the task thread, {@link #commitRecord} by
 * other threads of Connect.
 */
final class RunningRange implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningRange.class);

  /** Time in a poll after which it does not wait for further streams. */
  private static final Duration LONGEST_TURN = Duration.ofSeconds(1);

  private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(10);

  /** Fraction of the heap for the bytes of entries in flight. */
  private static final int PART_OF_HEAP = 8;

  private final RangeSourceConfig config;
  private final List<RangeReader> readers;
  private final boolean tolerant;
  private final FieldFilter filter;
  private final SourceRecordFactory records;
  private final @Nullable DeadLetterTopic deadLetters;
  private final DeadLetterLog deadLetterLog;
  private final Heartbeats heartbeats;
  private final TaskMetrics metrics;
  private final Duration pause;
  private final InstantSource steady;
  private final ThrottledCount dropped;
  private final long mostBytes = Runtime.getRuntime().maxMemory() / PART_OF_HEAP;
  private final AtomicLong bytes = new AtomicLong();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Index of the reader that comes first in the next poll. */
  private int first;

  private @Nullable SourceRecord last;
  private Instant nextWarning = Instant.MIN;
  private @Nullable ConnectException failure;

  /**
   * Creates the task; it connects with the first poll.
   *
   * @param offsets Connect's offsets, by stream
   * @param pause time between two reads of quiet streams
   */
  RunningRange(
      RangeSourceConfig config,
      RedisConnections redis,
      Map<String, EntryId> offsets,
      TaskMetrics metrics,
      TaskClock clock,
      Duration pause) {
    this.config = config;
    this.pause = pause;
    this.steady = clock.steady();
    this.metrics = metrics;
    this.tolerant = config.errors().tolerated();
    this.filter = config.events().filter();
    this.records = config.events().records(clock);
    this.deadLetters = DeadLetterTopic.named(config.deadLetterTopic(), config.events(), clock);
    this.deadLetterLog = new DeadLetterLog(LOG, config.errors(), steady);
    this.heartbeats =
        new Heartbeats(config.heartbeatTopic(), config.connector(), config.task(), clock);
    this.dropped = new ThrottledCount(steady);
    this.readers =
        config.taskStreams().stream()
            .map(stream -> reader(redis, stream, offsets.get(stream)))
            .toList();
  }

  private RangeReader reader(RedisConnections redis, String stream, @Nullable EntryId offset) {
    OutageBreaker breaker =
        new OutageBreaker(
            "connector '" + config.connector() + "', stream '" + stream + "'",
            config.retryLimits(),
            steady);
    MissingEntries missing = new MissingEntries(LOG, stream, config.range());
    RangeMetrics of = new RangeMetrics(metrics, stream, config.range(), breaker, missing::isAny);
    LOG.info(
        "Stream '{}': reading range {}{}",
        stream,
        config.range(),
        offset == null ? "" : ", continuing after " + offset + ", Connect's offset");
    return new RangeReader(
        redis,
        stream,
        config.range(),
        offset,
        config.readCount(),
        config.redis().commandTimeout(),
        breaker,
        of,
        missing,
        steady);
  }

  /**
   * Returns the next records; null if there are none for the moment.
   *
   * @throws ConnectException if an entry is bad and errors are not tolerated, or Redis rejects a
   *     command for a reason that does not pass by itself
   */
  @Nullable List<SourceRecord> poll() throws InterruptedException {
    if (failure != null) {
      throw failure;
    }
    metrics.update();
    List<SourceRecord> polled = new ArrayList<>();
    try {
      if (!isFull() && read(polled) == 0 && failure == null) {
        readers.forEach(this::reportIfComplete);
        pause();
      }
    } catch (RedisConfigurationException e) {
      readers.forEach(reader -> reader.metrics().errors(RedisErrorKind.CONFIGURATION).add(1));
      throw e;
    }
    handOver(polled);
    return polled.isEmpty() ? null : polled;
  }

  /** The readers of the task's streams. */
  List<RangeReader> readers() {
    return readers;
  }

  /** Reads all streams in the same round trips; returns the number of entries. */
  private int read(List<SourceRecord> polled) {
    Instant end = steady.instant().plus(LONGEST_TURN);
    int start = first;
    for (int i = 0; i < readers.size(); i++) {
      if (i > 0 && !steady.instant().isBefore(end)) {
        first = (start + i) % readers.size();
        break;
      }
      readers.get((start + i) % readers.size()).ask();
    }
    int count = 0;
    for (RangeReader reader : readers) {
      Duration left = Duration.between(steady.instant(), end);
      List<StreamEntry> entries = reader.take(left.isNegative() ? Duration.ZERO : left);
      count += entries.size();
      if (!entries.isEmpty()) {
        // the next entries arrive while these are converted
        reader.ask();
      }
      convert(reader, entries, polled);
      if (failure != null) {
        break;
      }
    }
    return count;
  }

  private void convert(RangeReader reader, List<StreamEntry> entries, List<SourceRecord> polled) {
    reader.metrics().read().add(entries.size());
    for (StreamEntry entry : entries) {
      if (!filter.accepts(entry)) {
        reader.metrics().filtered().add(1);
        continue;
      }
      try {
        polled.add(
            new RangeRecord(reader, entry, records.content(reader.stream(), entry).content()));
      } catch (BadEntryException bad) {
        reader.metrics().errors(RedisErrorKind.RECORD).add(1);
        if (!tolerant) {
          failure = failure(reader, entry, bad);
          return;
        }
        deadLetter(reader, entry, bad, polled);
      }
    }
  }

  private static ConnectException failure(
      RangeReader reader, StreamEntry entry, BadEntryException bad) {
    return new DataException(
        bad.getMessage()
            + ". The task cannot read past it. Set errors.tolerance=all to skip such entries, and"
            + " errors.deadletterqueue.topic.name to keep them; or PATCH the connector's offset of"
            + " stream '"
            + reader.stream()
            + "' to "
            + entry.id()
            + " to skip this one",
        bad);
  }

  private void deadLetter(
      RangeReader reader, StreamEntry entry, BadEntryException bad, List<SourceRecord> polled) {
    deadLetterLog.note(String.valueOf(bad.getMessage()), entry::toString);
    reader.metrics().deadLetters().add(1);
    if (deadLetters != null) {
      EntryOrigin origin =
          new EntryOrigin(
              new ConsumerGroup(reader.stream(), ""), config.connector(), config.task());
      polled.add(
          new RangeRecord(
              reader, entry, deadLetters.content(origin, entry, Failure.ofDecoding(bad))));
    }
  }

  private void handOver(List<SourceRecord> polled) {
    for (SourceRecord record : polled) {
      if (record instanceof RangeRecord own) {
        own.reader().metrics().inFlight().incrementAndGet();
        bytes.addAndGet(own.bytes());
        last = own;
      }
    }
    long now = inFlight();
    boolean isPressing = now >= (config.mostInFlight() + 1) / 2 || bytes.get() >= mostBytes / 2;
    heartbeats.beat(polled, last, (int) now, isPressing);
  }

  private long inFlight() {
    return readers.stream().mapToLong(reader -> reader.metrics().inFlight().get()).sum();
  }

  /** Whether the task must not read because of the limit; waits and logs a warning if so. */
  private boolean isFull() throws InterruptedException {
    long now = inFlight();
    if (now < config.mostInFlight() && (now == 0 || bytes.get() < mostBytes)) {
      return false;
    }
    Instant time = steady.instant();
    if (!time.isBefore(nextWarning)) {
      nextWarning = time.plus(BETWEEN_WARNINGS);
      LOG.warn(
          "Connector '{}': {} records are in flight and Kafka Connect has not reported them as"
              + " written or dropped. The task stops reading until it does. The limits are {}"
              + " records (records.in.flight.max) and {} MiB, an eighth of the heap. With"
              + " exactly-once support, Connect never commits a transaction whose records a"
              + " transform dropped: use event.filter instead, or set heartbeat.topic",
          config.connector(),
          now,
          config.mostInFlight(),
          mostBytes >> 20);
    }
    pause();
    return true;
  }

  private void reportIfComplete(RangeReader reader) {
    RangeMetrics of = reader.metrics();
    if (reader.isComplete() && of.inFlight().get() == 0 && !of.isComplete()) {
      of.complete();
      LOG.info(
          "Stream '{}': range {} is complete. Since the task started, {} entries were read and {}"
              + " records produced; event.filter did not accept {} entries, {} were bad, and"
              + " Connect dropped {} records. The connector is idle and can be deleted.",
          reader.stream(),
          config.range(),
          of.read().total(),
          of.produced().total(),
          of.filtered().total(),
          of.deadLetters().total(),
          of.dropped().total());
    }
  }

  private void pause() throws InterruptedException {
    if (closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.debug("task closed while waiting");
    }
  }

  /**
   * Records that Kafka has a record, or that Connect dropped it.
   *
   * @param metadata null if it was dropped
   */
  void commitRecord(SourceRecord record, @Nullable RecordMetadata metadata) {
    heartbeats.reported();
    if (!(record instanceof RangeRecord own)) {
      return;
    }
    bytes.addAndGet(-own.bytes());
    if (metadata == null) {
      own.reader().metrics().dropped().add(1);
      reportDropped(own);
    } else {
      own.reader().metrics().produced().add(1);
    }
    own.reader().metrics().inFlight().decrementAndGet();
  }

  private void reportDropped(RangeRecord record) {
    synchronized (dropped) {
      dropped
          .add()
          .ifPresent(
              count ->
                  LOG.warn(
                      "Stream '{}': Connect dropped {} records, because a transform filtered them"
                          + " or, with errors.tolerance=all, a transform or converter failed on"
                          + " them. Their entries are still in the stream. Most recently: {}",
                      record.reader().stream(),
                      count,
                      record.sourceOffset().get("id")));
    }
  }

  @Override
  public void close() {
    closed.countDown();
    readers.forEach(RangeReader::close);
    deadLetterLog.close();
    metrics.close();
  }
}
