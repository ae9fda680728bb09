/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.redis.retry.OutageBreaker;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.sink.deliver.DeliveryStrategy;
import io.claimstream.connect.sink.deliver.Rewinds;
import io.claimstream.connect.sink.error.BadRecord;
import io.claimstream.connect.sink.error.BadRecords;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.metrics.StreamMetrics.Count;
import io.claimstream.connect.sink.write.Destination;
import io.claimstream.connect.sink.write.StreamConnections;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A started sink task and its state. Used by the task's thread only.
 *
 * <p>Appends stay in flight when a put returns, so that Redis processes them while Connect polls.
 * The next put receives the replies before it accepts more records, and a commit receives them
 * before it returns the offsets that Connect may commit. An accepted record is kept until it is
 * appended or dead-lettered, whatever fails.
 */
public final class RunningSink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningSink.class);

  /** Time after which a put returns, so that Connect can stop, commit and poll. */
  private static final Duration LONGEST_PUT = Duration.ofSeconds(1);

  /** Time after which Connect calls put for the replies if there are no more records. */
  private static final long RECEIPT_MILLIS = 1;

  /**
   * Time after which Connect calls put without records: to begin new partitions and sample streams.
   */
  private static final long IDLE_MILLIS = 500;

  private final SinkTaskContext context;
  private final InstantSource steady;
  private final StreamConnections connections;
  private final BatchEncoder encoder;
  private final DeliveryStrategy delivery;
  private final BadRecords badRecords;
  private final OutageBreaker breaker;
  private final SinkMetrics metrics;
  private final Assignment assignment;
  private final Rewinds rewinds = new Rewinds();
  private final PendingRecords pending = new PendingRecords();
  private final ReplyHandler replies;
  private final RedisInquiry inquiry;

  /** Whether records were sent whose outcome has not been reported to the breaker. */
  private boolean isSent;

  /** Whether Connect holds back a batch, or assumes that it does. */
  private boolean isHeldBack;

  /** What differs between the sinks. */
  public interface Kind {
    /** Returns what records become. */
    RecordEncoding encoding();

    /**
     * Returns how they are written over those connections.
     *
     * @param rewinds receives the partitions to read from Kafka again
     */
    DeliveryStrategy delivery(
        StreamConnections connections, SinkMetrics metrics, Rewinds rewinds, TaskClock clock);
  }

  /** Creates a task that appends to streams. */
  RunningSink(
      RedisStreamSinkConfig config,
      RedisConnections redis,
      SinkTaskContext context,
      TaskMetrics taskMetrics,
      TaskClock clock) {
    this(config, new AppendingSink(config), redis, context, taskMetrics, clock);
  }

  /** Creates the task; it connects with the first record. */
  public RunningSink(
      SinkConfig config,
      Kind kind,
      RedisConnections redis,
      SinkTaskContext context,
      TaskMetrics taskMetrics,
      TaskClock clock) {
    Destination destination = config.destination();
    this.context = context;
    this.assignment = new Assignment(context, config.streams());
    this.steady = clock.steady();
    this.connections = new StreamConnections(redis);
    this.breaker =
        new OutageBreaker(destination.describe(destination.text()), config.retryLimits(), steady);
    this.metrics = new SinkMetrics(taskMetrics, destination.noun(), breaker, clock);
    if (!destination.hasTopic()) {
      metrics.of(destination.text());
    }
    this.encoder = new BatchEncoder(destination, kind.encoding());
    this.delivery = kind.delivery(connections, metrics, rewinds, clock);
    this.badRecords =
        new BadRecords(
            config.connector(),
            config.errors(),
            config.failedStream(),
            context.errantRecordReporter(),
            connections,
            clock);
    this.replies =
        new ReplyHandler(pending, connections, destination, badRecords, metrics, rewinds);
    this.inquiry =
        new RedisInquiry(assignment, delivery, rewinds, connections, metrics, breaker, steady);
    context.timeout(IDLE_MILLIS);
  }

  /** Accepts partitions. Their records are accepted after Redis has been queried about them. */
  void open(Collection<TopicPartition> partitions) {
    assignment.open(partitions);
  }

  /**
   * Accepts the records and sends them in order, after all earlier records are done. With {@code
   * errors.tolerance=none} a record that cannot be encoded stops the batch before any of it is
   * appended, so that a restart duplicates nothing.
   *
   * @throws RetriableException if Redis is unavailable, or so slow that Connect should get control
   *     in between. None of the records were accepted, and Connect must redeliver them
   * @throws ConnectException if the task must stop
   */
  void put(Collection<SinkRecord> records) {
    metrics.update();
    assignment.trust(rewinds.polled());
    // Redis is still processing the appends in flight
    BatchEncoder.Batch batch = encoder.encode(records);
    RetriableException interruption = finish();
    if (interruption == null) {
      // nothing is in flight now
      assignment.observeFirst(batch.spans());
      interruption = inquiry.run();
    }
    if (interruption == null && assignment.isInDoubt()) {
      interruption =
          new RetriableException("Waiting for Connect to report the consumer's position");
    }
    if (interruption == null) {
      interruption = start(batch);
    }
    isHeldBack =
        interruption != null
            && (!records.isEmpty() || !pending.isEmpty() || assignment.isInDoubt());
    if (isHeldBack && interruption != null) {
      context.timeout(Math.max(1, breaker.remaining().toMillis()));
      // Connect logs it with its causes on every retry
      throw interruption instanceof RedisOutageException e
          ? new RedisOutageException(String.valueOf(e.getMessage()), null)
          : interruption;
    }
    // from here on Connect holds nothing back: it polls from the offset of the seek
    rewinds.take().forEach(context::offset);
    assignment.taken();
    assignment.resume();
    context.timeout(pending.isEmpty() ? IDLE_MILLIS : RECEIPT_MILLIS);
  }

  /** Completes the accepted records; returns null if none is left. */
  private @Nullable RetriableException finish() {
    Instant end = steady.instant().plus(LONGEST_PUT);
    RetriableException interruption = settle();
    while (interruption == null && !pending.isEmpty()) {
      if (isOver(end)) {
        return new RetriableException("Redis is slow: earlier records are still pending");
      }
      if (!breaker.tryAcquire()) {
        return stillOut();
      }
      if (pending.bad().isEmpty()) {
        send();
        interruption = settle();
      } else {
        interruption = breaker.report(deadLetter(end));
      }
    }
    return interruption;
  }

  static RedisOutageException stillOut() {
    return new RedisOutageException("Redis is still unavailable", null);
  }

  private boolean isOver(Instant end) {
    return !steady.instant().isBefore(end);
  }

  /**
   * Accepts the records and sends them unless one of them is bad. A bad record is dead-lettered
   * first, by the next put, because the stored offset of its partition would cover it. Returns null
   * unless Connect must redeliver the records.
   */
  private @Nullable RetriableException start(BatchEncoder.Batch all) {
    Set<TopicPartition> dropped = dropped(all.spans());
    BatchEncoder.Batch batch = all.without(dropped);
    boolean isSendable = batch.bad().isEmpty() && !batch.appends().isEmpty();
    if (isSendable && !breaker.tryAcquire()) {
      return stillOut();
    }
    batch.tombstones().forEach(target -> metrics.of(target).add(Count.TOMBSTONES, 1));
    batch.bad().forEach(this::checkTolerated);
    pending.take(batch.appends(), batch.bad());
    all.spans()
        .forEach(
            (partition, span) -> {
              if (!dropped.contains(partition)) {
                delivery.took(span.last(), span.newest());
                assignment.trust(Set.of(partition)); // because Connect commits this put next
              }
            });
    if (isSendable) {
      send();
    }
    return null;
  }

  /**
   * Returns the partitions whose records are redelivered from another offset or owned by another
   * task.
   */
  private Set<TopicPartition> dropped(Map<TopicPartition, BatchEncoder.Span> spans) {
    Set<TopicPartition> dropped = new HashSet<>();
    spans.forEach(
        (partition, span) -> {
          if (!assignment.contains(partition)
              || assignment.isWaiting(partition)
              || rewinds.isRequested(partition)
              || !delivery.accept(span.first())) {
            dropped.add(partition);
          }
        });
    return dropped;
  }

  /** Fails the task at once because of a bad record unless errors are tolerated. */
  private void checkTolerated(BadRecord bad) {
    metrics.of(bad.stream()).error(RedisErrorKind.RECORD);
    if (!badRecords.tolerant()) {
      throw bad.error();
    }
  }

  private void send() {
    isSent = true;
    connections.beginRound();
    delivery.send(pending.appends(), replies::expect);
  }

  /** Receives the replies and reports the outcome to the breaker. */
  private @Nullable RedisOutageException settle() {
    replies.receive();
    RedisOutageException met = replies.takeOutage();
    if (!isSent) {
      return null;
    }
    isSent = false;
    return breaker.report(met);
  }

  /** Dead-letters at least one record, and more while there is time. */
  private @Nullable RedisOutageException deadLetter(Instant end) {
    RedisOutageException met = null;
    int count = 0;
    try {
      for (BadRecord bad : pending.bad()) {
        if (count > 0 && isOver(end)) {
          break;
        }
        badRecords.deadLetter(bad);
        metrics.of(bad.stream()).add(Count.DEAD_LETTERS, 1);
        count++;
      }
    } catch (RedisOutageException e) {
      met = e;
    }
    // they must not be committed until Connect's dead letter queue contains them
    badRecords.awaitReports();
    pending.deadLettered(count);
    return met;
  }

  /** Returns the offsets that Connect may commit, out of those that it would like to commit. */
  Map<TopicPartition, OffsetAndMetadata> committable(
      Map<TopicPartition, OffsetAndMetadata> wanted) {
    replies.receive();
    assignment.observe(wanted);
    boolean isAvailable = !breaker.isOut() && !replies.hasOutage();
    Map<TopicPartition, Long> settled = pending.settled(wanted);
    settled
        .keySet()
        .removeIf(partition -> assignment.isDoubtful(partition) || assignment.isWaiting(partition));
    Map<TopicPartition, OffsetAndMetadata> committable = new HashMap<>();
    if (!assignment.ready().isEmpty()) {
      context.timeout(RECEIPT_MILLIS); // the next put begins with the replies
    }
    delivery
        .commit(settled, isAvailable)
        .forEach((partition, next) -> committable.put(partition, new OffsetAndMetadata(next)));
    return committable;
  }

  void close(Collection<TopicPartition> partitions) {
    replies.receive();
    pending.forget(partitions);
    delivery.end(partitions);
    rewinds.forget(partitions);
    assignment.close(partitions, isHeldBack);
    connections.retain(assignment.streams());
  }

  @Override
  public void close() {
    ConnectException unreported = replies.takeFailure();
    if (unreported != null) {
      LOG.error(
          "The last records in flight failed. Their offsets are not committed, so they are appended"
              + " again after a restart",
          unreported);
    }
    badRecords.close();
    connections.close();
    metrics.close();
  }
}
