/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.RedisTopology;
import io.claimstream.connect.redis.deadletter.DeadLetterLog;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.redis.retry.OutageBreaker;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.source.RedisStreamSourceConfig.EventFormat;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.Acknowledger;
import io.claimstream.connect.source.deadletter.DeadLetterQueue;
import io.claimstream.connect.source.deadletter.DeadLetterStream;
import io.claimstream.connect.source.deadletter.DeadLetterTopic;
import io.claimstream.connect.source.deadletter.DeadLetterWriter;
import io.claimstream.connect.source.deadletter.DropPolicy;
import io.claimstream.connect.source.deadletter.EntryOrigin;
import io.claimstream.connect.source.deadletter.FailureCount;
import io.claimstream.connect.source.deadletter.UnwrittenLog;
import io.claimstream.connect.source.decode.EntryDecoder;
import io.claimstream.connect.source.decode.EventDecoder;
import io.claimstream.connect.source.decode.GenericDecoder;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.lane.Lane;
import io.claimstream.connect.source.lane.LaneConnections;
import io.claimstream.connect.source.lane.SourceOffset;
import io.claimstream.connect.source.lane.SourcePartition;
import io.claimstream.connect.source.metrics.StreamMetrics;
import io.claimstream.connect.source.read.ExistingGroup;
import io.claimstream.connect.source.read.FormerConsumers;
import io.claimstream.connect.source.read.GroupRecovery;
import io.claimstream.connect.source.read.IdleTakeover;
import io.claimstream.connect.source.read.KnownConsumers;
import io.claimstream.connect.source.read.LaneReader;
import io.claimstream.connect.source.read.LaneSettings;
import io.claimstream.connect.source.read.OtherConsumers;
import io.claimstream.connect.source.read.SharedLanes;
import io.claimstream.connect.source.read.StreamEpochs;
import io.claimstream.connect.source.record.SourceRecordFactory;
import io.claimstream.connect.source.record.TimestampCheck;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds a task from its configuration. Opens no connection. */
final class SourceAssembly {
  private static final Logger DEAD_LETTER_LOG = LoggerFactory.getLogger(DeadLetterStream.class);
  private static final Logger GROUP_LOG = LoggerFactory.getLogger(GroupRecovery.class);

  private final RedisStreamSourceConfig config;
  private final RedisConnections connections;
  private final OffsetStorageReader offsets;
  private final TaskMetrics metrics;
  private final TaskClock clock;
  private final Map<String, StreamMetrics> streamMetrics = new HashMap<>();

  SourceAssembly(
      RedisStreamSourceConfig config,
      RedisConnections connections,
      OffsetStorageReader offsets,
      TaskMetrics metrics,
      TaskClock clock) {
    this.config = config;
    this.connections = connections;
    this.offsets = offsets;
    this.metrics = metrics;
    this.clock = clock;
  }

  RunningSource source() {
    Map<SourcePartition, SourceOffset> committed = committed(partitionsAtStart());
    List<RunningLane> lanes =
        config.taskLanes().stream().map(lane -> lane(lane, committed)).toList();
    SourceRecordFactory records =
        new SourceRecordFactory(
            decoder(),
            config.topic(),
            config.recordTime(),
            new TimestampCheck(config.eventFields().timestamp(), config.topicRetention(), clock),
            config.sizeLimit(),
            clock);
    DeadLetterQueue deadLetters =
        new DeadLetterQueue(
            records,
            new DeadLetterWriter(
                breaker("dead letters"),
                new DeadLetterLog(DEAD_LETTER_LOG, config.errors(), clock.steady())),
            deadLetterTopic(),
            config.maxDeliveries(),
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
            clock.steady()));
  }

  private @Nullable DeadLetterTopic deadLetterTopic() {
    return config.deadLetterTopic().isEmpty()
        ? null
        : new DeadLetterTopic(
            config.deadLetterTopic(), config.eventFields().key(), config.sizeLimit(), clock);
  }

  private EntryDecoder decoder() {
    return config.eventFormat() == EventFormat.GENERIC
        ? new GenericDecoder(config.eventFields())
        : new EventDecoder(
            config.eventSchemas(),
            config.eventFields(),
            config.versionPolicy(),
            config.unknownFields());
  }

  /** Each lookup reads Connect's offsets topic to its end, so one lookup covers all partitions. */
  private List<SourcePartition> partitionsAtStart() {
    String takeover = IdleTakeover.consumerOf(config.connector());
    return config.taskLanes().stream()
        .flatMap(
            lane ->
                Stream.of(lane.consumer(config.connector()), takeover)
                    .map(consumer -> partition(lane.stream(), consumer)))
        .distinct()
        .toList();
  }

  private RunningLane lane(Lane lane, Map<SourcePartition, SourceOffset> committed) {
    ConsumerGroup group = new ConsumerGroup(lane.stream(), config.group());
    String consumer = lane.consumer(config.connector());
    SharedLanes shared = new SharedLanes(group, config.connector(), config.lanesPerStream());
    StreamMetrics ofStream =
        streamMetrics.computeIfAbsent(
            lane.stream(), stream -> new StreamMetrics(metrics, group, clock));
    boolean first = lane.index() == 0;
    KnownConsumers known =
        new KnownConsumers(
            group,
            config.connector(),
            shared,
            name -> !committed(List.of(partition(lane.stream(), name))).isEmpty());
    AckTracker tracker = tracker(committed, partition(lane.stream(), consumer));
    LaneConnections laneConnections =
        new LaneConnections(
            connections,
            lane.stream(),
            breaker("stream '" + lane.stream() + "', consumer '" + consumer + "'"));
    DeadLetterStream deadLetters = deadLetters(group, laneConnections, ofStream);
    LaneReader reader =
        new LaneReader(
            new LaneSettings(
                group,
                consumer,
                config.readCount(),
                first,
                config.maxDeliveries(),
                !config.deadLetterTopic().isEmpty(),
                config.redis().commandTimeout(),
                clock.steady()),
            laneConnections,
            tracker,
            shared,
            new GroupRecovery(
                group,
                config.startPosition(),
                shared,
                lanes -> laneOffsets(lane.stream(), lanes),
                new StreamEpochs(group, config.connector()),
                new ExistingGroup(group, config.startPosition(), first, GROUP_LOG)),
            new FormerConsumers(
                group,
                config.connector(),
                first,
                shared,
                known,
                new OtherConsumers(group, known, config.claimIdle().isPresent()),
                laneConnections.fences(),
                name -> tracker(partition(lane.stream(), name)),
                clock.steady()),
            new IdleTakeover(
                group,
                config.connector(),
                shared,
                known,
                laneConnections.fences(),
                tracker(
                    committed,
                    partition(lane.stream(), IdleTakeover.consumerOf(config.connector()))),
                first,
                config.claimIdle(),
                ofStream.takenOver(),
                clock.steady()),
            ofStream);
    Acknowledger acknowledger =
        new Acknowledger(laneConnections, group, reader.acknowledgements(), ofStream);
    return new RunningLane(group, reader, acknowledger, deadLetters, ofStream);
  }

  private DeadLetterStream deadLetters(
      ConsumerGroup group, LaneConnections lane, StreamMetrics ofStream) {
    return new DeadLetterStream(
        config.failedStream(),
        config.redis().topology() == RedisTopology.CLUSTER,
        lane,
        connections,
        new EntryOrigin(group, config.connector(), config.task()),
        ofStream,
        clock);
  }

  private OutageBreaker breaker(String what) {
    return new OutageBreaker(
        "connector '" + config.connector() + "', " + what, config.retryLimits(), clock.steady());
  }

  private SourcePartition partition(String stream, String consumer) {
    return new SourcePartition(new ConsumerGroup(stream, config.group()), consumer);
  }

  private AckTracker tracker(SourcePartition partition) {
    return tracker(committed(List.of(partition)), partition);
  }

  private static AckTracker tracker(
      Map<SourcePartition, SourceOffset> committed, SourcePartition partition) {
    SourceOffset offset = committed.get(partition);
    return offset == null ? new AckTracker(null) : AckTracker.resuming(offset);
  }

  /** The committed offsets of the first {@code lanes} lanes of a stream. */
  private List<Optional<EntryId>> laneOffsets(String stream, int lanes) {
    List<SourcePartition> partitions =
        IntStream.range(0, lanes)
            .mapToObj(index -> partition(stream, Lane.consumer(config.connector(), index)))
            .toList();
    Map<SourcePartition, SourceOffset> committed = committed(partitions);
    return partitions.stream()
        .map(partition -> Optional.ofNullable(committed.get(partition)).map(SourceOffset::id))
        .toList();
  }

  /** Connect's offsets of these partitions; partitions without an offset are omitted. */
  private Map<SourcePartition, SourceOffset> committed(List<SourcePartition> partitions) {
    Map<Map<String, String>, Map<String, Object>> stored =
        offsets.offsets(partitions.stream().map(SourcePartition::toMap).toList());
    Map<SourcePartition, SourceOffset> committed = new HashMap<>();
    for (SourcePartition partition : partitions) {
      Map<String, Object> offset = stored.get(partition.toMap());
      if (offset != null) {
        committed.put(partition, SourceOffset.parse(offset));
      }
    }
    return committed;
  }
}
