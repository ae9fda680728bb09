/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.error.OutageBreaker;
import io.claimstream.connect.redis.error.PutAsideLog;
import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.sink.deliver.AtLeastOnce;
import io.claimstream.connect.sink.deliver.BatchProgress;
import io.claimstream.connect.sink.deliver.DeliveryStrategy;
import io.claimstream.connect.sink.deliver.ExactlyOnce;
import io.claimstream.connect.sink.encode.RecordEncoder;
import io.claimstream.connect.sink.error.BadRecords;
import io.claimstream.connect.sink.error.FailedStream;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.metrics.StreamMetrics;
import io.claimstream.connect.sink.write.Origin;
import io.claimstream.connect.sink.write.Retention;
import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.StreamConnections;
import io.claimstream.connect.sink.write.StreamWriter;
import io.claimstream.connect.sink.write.WriteOutcome;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A started sink task with all its state. Used by the task's thread only. */
final class RunningSink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningSink.class);
  private static final Logger PUT_ASIDE_LOG = LoggerFactory.getLogger(BadRecords.class);

  /** How long a put goes on before Connect gets to stop, to commit and to poll. */
  private static final Duration LONGEST_PUT = Duration.ofSeconds(1);

  private final StreamTemplate stream;
  private final SinkTaskContext context;
  private final Clock clock;
  private final StreamConnections connections;
  private final RecordEncoder encoder;
  private final DeliveryStrategy delivery;
  private final BadRecords badRecords;
  private final OutageBreaker breaker;
  private final SinkMetrics metrics;
  private final BatchProgress progress = new BatchProgress();

  /** Connects when the first record comes. */
  RunningSink(
      RedisStreamSinkConfig config,
      RedisConnections redis,
      SinkTaskContext context,
      TaskMetrics taskMetrics,
      Clock clock) {
    this.stream = config.stream();
    this.context = context;
    this.clock = clock;
    this.connections = new StreamConnections(redis);
    this.breaker = new OutageBreaker("stream " + stream.text(), config.retryLimits(), clock);
    this.metrics = new SinkMetrics(taskMetrics, breaker, clock);
    if (!stream.hasTopic()) {
      metrics.of(stream.text());
    }
    this.encoder =
        new RecordEncoder(config.nullValues(), config.bytesFormat(), config.headersPrefix());
    Retention retention =
        new Retention(config.maxLength(), config.retention(), config.trim(), clock);
    this.delivery =
        switch (config.delivery()) {
          case EXACTLY_ONCE ->
              new ExactlyOnce(
                  connections, retention, config.connector(), config.writeCount(), metrics);
          case AT_LEAST_ONCE ->
              new AtLeastOnce(
                  new StreamWriter(connections, retention, metrics), config.writeCount());
        };
    this.badRecords =
        new BadRecords(
            config.errors().tolerated(),
            context.errantRecordReporter(),
            new FailedStream(config.failedStream(), config.connector(), connections, clock),
            new PutAsideLog(PUT_ASIDE_LOG, config.errors(), clock));
  }

  /**
   * Appends the records, in their order. Under {@code errors.tolerance=none} a record that cannot
   * be encoded stops the batch before anything of it is appended, so that a restart repeats
   * nothing.
   *
   * @throws RetriableException if Redis is out, or so slow that Connect should look about in
   *     between: the same records are to come again, and what was done of them is not done twice
   * @throws ConnectException if the task must stop
   */
  void put(Collection<SinkRecord> records) {
    metrics.update();
    if (records.isEmpty()) {
      sample();
      return;
    }
    progress.retry();
    // Connect may come back early, for instance to commit
    RetriableException interruption =
        breaker.tryAcquire()
            ? tryPut(records)
            : new RedisOutageException("Redis is still out", null);
    if (interruption != null) {
      undone(records).forEach(record -> progress.undone(Origin.of(record)));
      context.timeout(Math.max(1, breaker.remaining().toMillis()));
      // Connect logs it with its causes, at every try
      throw interruption instanceof RedisOutageException outage
          ? new RedisOutageException(String.valueOf(outage.getMessage()), null)
          : interruption;
    }
    progress.finished();
    sample();
  }

  /** Asks Redis how the streams are, every few seconds. */
  private void sample() {
    for (StreamMetrics each : metrics.all()) {
      List<Command> questions = breaker.isOut() ? List.of() : each.dueQuestions();
      if (!questions.isEmpty()) {
        try {
          each.sampled(connections.to(each.stream()).pipeline(questions));
        } catch (ConnectException e) {
          LOG.debug("Stream {} is not sampled: {}", each.stream(), e.getMessage());
          connections.drop(each.stream());
        }
      }
    }
  }

  private List<SinkRecord> undone(Collection<SinkRecord> records) {
    return records.stream().filter(record -> !progress.isDone(Origin.of(record))).toList();
  }

  private @Nullable RetriableException tryPut(Collection<SinkRecord> records) {
    Instant end = clock.instant().plus(LONGEST_PUT);
    Deque<BadRecord> bad = new ArrayDeque<>();
    List<StreamAppend> todo = encode(undone(records), bad);
    while (!todo.isEmpty() || !bad.isEmpty()) {
      RedisOutageException outage = deliver(todo, bad);
      if (outage == null) {
        outage = putAside(bad, end);
      }
      if (outage != null) {
        breaker.failed(outage);
        return outage;
      }
      breaker.recovered();
      todo = todo.stream().filter(append -> !progress.isDone(append.origin())).toList();
      if (!bad.isEmpty() || (!todo.isEmpty() && isOver(end))) {
        return new RetriableException("Redis is slow: the rest of the batch is to come again");
      }
    }
    return null;
  }

  private boolean isOver(Instant end) {
    return !clock.instant().isBefore(end);
  }

  private List<StreamAppend> encode(List<SinkRecord> records, Collection<BadRecord> bad) {
    List<StreamAppend> appends = new ArrayList<>(records.size());
    for (SinkRecord record : records) {
      Origin origin = Origin.of(record);
      String target = stream.streamOf(origin.partition().topic());
      try {
        encoder
            .encode(record)
            .ifPresentOrElse(
                fields -> appends.add(new StreamAppend(target, fields, origin, record)),
                () -> passedOver(origin, target));
      } catch (DataException e) {
        bad.add(badRecord(record, target, e));
      }
    }
    return appends;
  }

  private void passedOver(Origin origin, String target) {
    metrics.of(target).tombstones().add(1);
    progress.done(origin);
  }

  private @Nullable RedisOutageException deliver(
      List<StreamAppend> appends, Collection<BadRecord> bad) {
    RedisOutageException outage = null;
    for (WriteOutcome outcome : delivery.deliver(appends)) {
      StreamAppend append = outcome.append();
      ConnectException cause = outcome.cause();
      if (cause == null) {
        progress.done(append.origin());
      } else if (cause instanceof RedisOutageException e) {
        metrics.of(append.stream()).errors(RedisErrorKind.OUTAGE).add(1);
        outage = e;
      } else if (cause instanceof DataException e) {
        bad.add(badRecord(append.record(), append.stream(), e));
      } else {
        metrics.of(append.stream()).errors(RedisErrorKind.OPERATOR).add(1);
        throw new ConnectException(
            "cannot append to stream "
                + append.stream()
                + " (redis.stream="
                + stream.text()
                + "): "
                + cause.getMessage(),
            cause);
      }
    }
    return outage;
  }

  /** Fails at once unless errors are tolerated. */
  private BadRecord badRecord(SinkRecord record, String target, DataException cause) {
    metrics.of(target).errors(RedisErrorKind.RECORD).add(1);
    DataException error = BadRecords.named(Origin.of(record), target, cause);
    if (!badRecords.tolerant()) {
      throw error;
    }
    return new BadRecord(record, target, error);
  }

  /** Puts aside at least one, and then what there is time for; takes it out of the queue. */
  private @Nullable RedisOutageException putAside(Deque<BadRecord> bad, Instant end) {
    RedisOutageException outage = null;
    try {
      for (BadRecord next = bad.peek(); next != null; next = isOver(end) ? null : bad.peek()) {
        badRecords.putAside(next.record(), next.stream(), next.error());
        progress.done(Origin.of(next.record()));
        metrics.of(next.stream()).deadLetters().add(1);
        bad.remove();
      }
    } catch (RedisOutageException e) {
      outage = e;
    }
    // the position of what was not tried because of them must not run ahead of the reports
    badRecords.awaitReports();
    return outage;
  }

  /** What Connect may commit of what it would like to. */
  Map<TopicPartition, OffsetAndMetadata> committable(
      Map<TopicPartition, OffsetAndMetadata> wanted) {
    return progress.committable(wanted);
  }

  void close(Collection<TopicPartition> partitions) {
    progress.forget(partitions);
  }

  @Override
  public void close() {
    badRecords.close();
    connections.close();
    metrics.close();
  }

  private record BadRecord(SinkRecord record, String stream, DataException error) {}
}
