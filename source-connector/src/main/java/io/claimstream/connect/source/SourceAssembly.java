/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.RedisTopology;
import io.claimstream.connect.redis.deadletter.DeadLetterLog;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.redis.retry.OutageBreaker;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.Acknowledger;
import io.claimstream.connect.source.ack.CommitKey;
import io.claimstream.connect.source.ack.LaneAcknowledgements;
import io.claimstream.connect.source.consumers.StreamConsumers;
import io.claimstream.connect.source.deadletter.DeadLetterQueue;
import io.claimstream.connect.source.deadletter.DeadLetterStream;
import io.claimstream.connect.source.deadletter.DeadLetterTopic;
import io.claimstream.connect.source.deadletter.DeadLetterWriter;
import io.claimstream.connect.source.deadletter.DropPolicy;
import io.claimstream.connect.source.deadletter.EntryOrigin;
import io.claimstream.connect.source.deadletter.FailureCount;
import io.claimstream.connect.source.deadletter.UnwrittenLog;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.lane.Lane;
import io.claimstream.connect.source.lane.LaneConnections;
import io.claimstream.connect.source.lane.LaneContext;
import io.claimstream.connect.source.lane.SourcePartition;
import io.claimstream.connect.source.lane.StoredOffsets;
import io.claimstream.connect.source.metrics.StreamMetrics;
import io.claimstream.connect.source.read.LaneReader;
import io.claimstream.connect.source.record.SourceRecordFactory;
import io.claimstream.connect.source.retention.StreamTrimmer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.connect.source.TransactionContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds a task from its configuration. Opens no connection. */
final class SourceAssembly {
  private static final Logger DEAD_LETTER_LOG = LoggerFactory.getLogger(DeadLetterStream.class);

  private final RedisStreamSourceConfig config;
  private final RedisConnections connections;
  private final StoredOffsets offsets;
  private final TaskMetrics metrics;
  private final TaskClock clock;
  private final @Nullable TransactionContext transactions;
  private final Map<ConsumerGroup, StreamMetrics> streamMetrics = new HashMap<>();

  /**
   * Creates the assembly of one task.
   *
   * @param transactions null unless {@code transaction.boundary=connector}
   */
  SourceAssembly(
      RedisStreamSourceConfig config,
      RedisConnections connections,
      OffsetStorageReader offsets,
      TaskMetrics metrics,
      TaskClock clock,
      @Nullable TransactionContext transactions) {
    this.config = config;
    this.offsets = new StoredOffsets(offsets, partitionsAtStart(config));
    this.connections = connections;
    this.metrics = metrics;
    this.clock = clock;
    this.transactions = transactions;
  }

  RunningSource source() {
    List<RunningLane> lanes = config.taskLanes().stream().map(this::lane).toList();
    SourceRecordFactory records = config.events().records(clock);
    DeadLetterQueue deadLetters =
        new DeadLetterQueue(
            records,
            new DeadLetterWriter(
                breaker("dead letters"),
                new DeadLetterLog(DEAD_LETTER_LOG, config.errors(), clock.steady())),
            DeadLetterTopic.named(config.deadLetterTopic(), config.events(), clock),
            config.laneSettings().deliveryLimit(),
            new DropPolicy(
                config.errors().tolerated(),
                config.droppedRecords(),
                new FailureCount(config.connector(), config.task())::now),
            new UnwrittenLog(DEAD_LETTER_LOG, config.deadLetterTopic(), clock));
    return new RunningSource(
        config,
        lanes,
        records,
        metrics,
        clock,
        deadLetters,
        new InFlight(
            config.mostInFlight(),
            new Heartbeats(config.heartbeatTopic(), config.connector(), config.task(), clock),
            clock.steady()),
        new Transaction(transactions, clock.steady()));
  }

  private static List<SourcePartition> partitionsAtStart(RedisStreamSourceConfig config) {
    String takeover = Lane.takeoverConsumer(config.connector());
    return config.taskLanes().stream()
        .map(lane -> lane.partition(config.group(), config.connector()))
        .flatMap(own -> Stream.of(own, new SourcePartition(own.group(), takeover)))
        .distinct()
        .toList();
  }

  private RunningLane lane(Lane lane) {
    ConsumerGroup group = new ConsumerGroup(lane.stream(), config.group());
    StreamMetrics ofStream =
        streamMetrics.computeIfAbsent(group, key -> new StreamMetrics(metrics, key, clock));
    LaneConnections own =
        new LaneConnections(
            connections,
            lane.stream(),
            breaker(
                "stream '"
                    + lane.stream()
                    + "', consumer '"
                    + lane.consumer(config.connector())
                    + "'"));
    LaneContext context =
        new LaneContext(
            lane.index(),
            group,
            config.connector(),
            config.laneSettings(),
            own,
            offsets,
            ofStream,
            clock.steady());
    LaneAcknowledgements acknowledgements =
        new LaneAcknowledgements(
            AckTracker.resuming(
                context.offsetAtStart(context.consumer()), CommitKey.of(group, context.consumer())),
            ofStream);
    StreamConsumers consumers = new StreamConsumers(context, acknowledgements);
    StreamTrimmer trimmer = new StreamTrimmer(context, config.retention(clock));
    return new RunningLane(
        group,
        new LaneReader(context, acknowledgements, consumers, trimmer),
        new Acknowledger(context, acknowledgements, trimmer),
        new DeadLetterStream(
            config.failedStream(),
            config.redis().topology() == RedisTopology.CLUSTER,
            own,
            connections,
            new EntryOrigin(group, config.connector(), config.task()),
            ofStream,
            clock),
        ofStream);
  }

  private OutageBreaker breaker(String what) {
    return new OutageBreaker(
        "connector '" + config.connector() + "', " + what, config.retryLimits(), clock.steady());
  }
}
