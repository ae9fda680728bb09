/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.sink.deliver.FakeAppendScript;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connect's offsets may be wrong, and records that it holds back may be lost. */
class ConnectOffsetsTest {
  private static final String STREAM = "claims:analytics";
  private static final TopicPartition A = new TopicPartition("claims", 0);
  private static final TopicPartition B = new TopicPartition("claims", 1);

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final FakeSinkContext context = new FakeSinkContext();
  private final TaskMetrics metrics =
      TaskMetrics.of(
          "a",
          "0",
          () -> {
            throw new NoSuchMethodError();
          });
  private RunningSink sink = sink(metrics);

  @BeforeEach
  void teachTheScript() {
    FakeAppendScript.teach(redis, fields -> null);
  }

  @AfterEach
  void unpublish() {
    metrics.close();
  }

  /**
   * WorkerSinkTask removes a revoked partition's records from the batch that it holds back, but
   * keeps the partition's end of that batch in origOffsets. After the rest of the batch is
   * accepted, that end becomes a current offset, even if the partition has been reassigned
   * meanwhile.
   */
  @Test
  void partitionThatComesBackWhileABatchIsHeldBackLosesNothing() {
    begin(Map.of(A, 0L, B, 0L));
    deliver(records(A, 0, 5), records(B, 0, 5));
    redis.stop();
    sink.put(all(records(A, 5, 6), records(B, 5, 10)));
    List<SinkRecord> held = all(records(A, 6, 7), records(B, 10, 15));
    assertThat(isTaken(held)).isFalse();
    // a cooperative rebalance revokes B and reassigns it
    commit(Map.of(B, 10L));
    sink.close(List.of(B));
    sink.open(List.of(B));
    commit(Map.of(A, 6L, B, 5L));

    redis.start();
    clock.advance(Duration.ofMinutes(1));
    assertThat(isTaken(records(A, 6, 7))).isTrue();

    assertThat(commit(Map.of(A, 7L, B, 15L))).containsExactly(Map.entry(A, 7L));
    assertThat(context.rewinds).containsExactly(Map.entry(B, 5L));
    deliver(records(B, 5, 15));
    assertThat(stream(B)).isEqualTo(texts(B, 0, 15));
  }

  /** The same in an eager rebalance, after which the batch is empty. */
  @Test
  void eagerRebalanceWhileABatchIsHeldBackIsNotTakenForALossInRedis() throws JMException {
    begin(Map.of(A, 0L));
    deliver(records(A, 0, 5));
    redis.stop();
    sink.put(records(A, 5, 10));
    assertThat(isTaken(records(A, 10, 15))).isFalse();
    commit(Map.of(A, 10L));
    sink.close(List.of(A));
    sink.open(List.of(A)); // its consumer is at 5
    assertThat(isTaken(List.of())).isFalse();

    commit(Map.of(A, 5L));
    redis.start();
    clock.advance(Duration.ofMinutes(1));
    assertThat(isTaken(List.of())).isTrue();
    deliver(records(A, 5, 15));

    assertThat(stream(A)).isEqualTo(texts(A, 0, 15));
    assertThat(metric("offsets-rewound-total")).isEqualTo(0.0);
  }

  /** The consumer's position, which Kafka knows, shows how many records are missing. */
  @Test
  void whatRedisForgotOfAPartitionThatComesBackMeanwhileIsReported() throws JMException {
    begin(Map.of(A, 0L, B, 0L));
    deliver(records(A, 0, 5), records(B, 0, 10));
    FakeRedis.Snapshot earlier = redis.snapshot();
    deliver(records(B, 10, 30));
    redis.stop();
    sink.put(records(A, 5, 6));
    assertThat(isTaken(all(records(A, 6, 7), records(B, 30, 35)))).isFalse();
    commit(Map.of(A, 6L, B, 30L));
    sink.close(List.of(B));
    sink.open(List.of(B));

    redis.comeBackAs(earlier);
    redis.start();
    clock.advance(Duration.ofMinutes(1));
    // Connect has not reported the position yet, and would lose it
    assertThat(isTaken(records(A, 6, 7))).isFalse();
    commit(Map.of(A, 5L, B, 30L));
    assertThat(isTaken(records(A, 6, 7))).isTrue();

    assertThat(context.rewinds).containsEntry(B, 10L);
    assertThat(metric("offsets-rewound-total")).isEqualTo(20.0);
    deliver(records(B, 13, 35)); // Kafka has deleted 10 to 12
    assertThat(metric("offsets-missing-total")).isEqualTo(3.0);
    assertThat(stream(A)).isEqualTo(texts(A, 0, 7));
    assertThat(stream(B)).isEqualTo(all(texts(B, 0, 10), texts(B, 13, 35)));
  }

  @Test
  void whatRedisForgotOfAPartitionThatComesBackIsReportedThoughItWasNotCommitted()
      throws JMException {
    begin(Map.of(A, 0L, B, 0L));
    deliver(records(B, 0, 10));
    FakeRedis.Snapshot earlier = redis.snapshot();
    deliver(records(B, 10, 30));
    sink.close(List.of(B)); // lost: a commit is too late
    redis.comeBackAs(earlier);
    sink.open(List.of(B));
    commit(Map.of(A, 0L, B, 0L));
    sink.put(List.of());

    assertThat(context.rewinds).containsEntry(B, 10L);
    assertThat(metric("offsets-rewound-total")).isEqualTo(20.0);
    deliver(records(B, 10, 35));
    assertThat(stream(B)).isEqualTo(texts(B, 0, 35));
  }

  @Test
  void aPartitionWhoseStoredOffsetIsGoneWhenItComesBackFailsTheTask() {
    begin(Map.of(A, 0L, B, 0L));
    deliver(records(A, 0, 5), records(B, 0, 10));
    sink.close(List.of(B));
    redis.flushAll();
    sink.open(List.of(B));
    commit(Map.of(A, 5L, B, 10L));

    assertThatThrownBy(() -> sink.put(List.of()))
        .isInstanceOf(ConnectException.class)
        .hasMessageContainingAll("are missing", "claims-1", "which was 9", "PATCH");
  }

  /** With auto.offset.reset=latest, and records behind the end that a transform drops. */
  @Test
  void recordsThatATransformDropsDoNotCoverWhatARewindDidNotReach() {
    begin(Map.of(A, 0L));
    deliver(records(A, 0, 10));
    FakeRedis.Snapshot earlier = redis.snapshot();
    deliver(records(A, 10, 30));
    redis.comeBackAs(earlier);
    clock.advance(Duration.ofSeconds(6));
    sink.put(List.of());
    assertThat(context.rewinds).containsEntry(A, 10L);
    context.rewinds.clear();

    // Kafka no longer has offset 10: the consumer is moved to the end, which is 50
    sink.put(List.of()); // 50 to 54 are dropped by a transform
    commit(Map.of(A, 55L));
    sink.put(records(A, 55, 56));
    assertThat(context.rewinds).containsEntry(A, 30L);
    context.rewinds.clear();
    deliver(records(A, 30, 50), records(A, 55, 56));

    assertThat(stream(A)).isEqualTo(all(texts(A, 0, 10), all(texts(A, 30, 50), texts(A, 55, 56))));
  }

  @Test
  void aRewindEndsThoughATransformDropsAllThatComes() throws JMException {
    begin(Map.of(A, 0L));
    deliver(records(A, 0, 10));
    FakeRedis.Snapshot earlier = redis.snapshot();
    commit(Map.of(A, 15L)); // a transform drops 10 to 14
    redis.comeBackAs(earlier);
    clock.advance(Duration.ofSeconds(6));
    sink.put(List.of());
    assertThat(context.rewinds).containsEntry(A, 10L);
    context.rewinds.clear();

    sink.put(List.of());
    assertThat(commit(Map.of(A, 15L)).get(A)).isEqualTo(10);
    sink.put(List.of());
    // Kafka may have moved the consumer to the end of the log instead
    assertThat(context.rewinds).containsEntry(A, 15L);
    assertThat(metric("offsets-missing-total")).isEqualTo(5.0);

    sink.put(List.of());
    assertThat(commit(Map.of(A, 15L)).get(A)).isEqualTo(15);
  }

  @Test
  void whatATaskHadInHandAndKafkaHasDeletedMeanwhileIsReportedAsMissing() throws JMException {
    begin(Map.of(A, 0L));
    deliver(records(A, 0, 10));
    FakeRedis.Snapshot earlier = redis.snapshot();
    deliver(records(A, 10, 30));
    redis.comeBackAs(earlier);
    sink.put(records(A, 30, 35));
    FakeWorker.deliver(sink, List.of(), () -> clock.advance(Duration.ofMinutes(1)));
    assertThat(context.rewinds).containsEntry(A, 10L);

    // the topic now begins at 33
    deliver(records(A, 33, 35));

    assertThat(stream(A)).isEqualTo(all(texts(A, 0, 10), texts(A, 33, 35)));
    sink.put(List.of());
    assertThat(metric("offsets-missing-total")).isEqualTo(23.0);
  }

  /** The commit moves the stored offset past it; Kafka does not receive the commit. */
  @Test
  void recordThatIsTooLargeAndDeadLetteredIsNoSignOfARecreatedTopic() {
    begin(Map.of(A, 0L));
    Map<String, String> wide =
        IntStream.range(0, 4_000).boxed().collect(Collectors.toMap(i -> "f" + i, i -> "v"));
    List<SinkRecord> batch =
        all(records(A, 0, 3), List.of(SimulatedTopics.record(A, 3, wide, 2_000L)));
    deliver(batch);
    assertThat(commit(Map.of(A, 4L)).get(A)).isEqualTo(4);

    sink = sink(UnpublishedMetrics.task());
    begin(Map.of(A, 0L));
    deliver(batch);

    assertThat(stream(A)).isEqualTo(texts(A, 0, 3));
  }

  /** A timestamp in nanoseconds instead of milliseconds. */
  @Test
  void recordOfAFarFutureIsAppended() {
    begin(Map.of(A, 0L));

    deliver(List.of(SimulatedTopics.record(A, 0, text(A, 0), 1_764_489_600_000_000_000L)));
    deliver(records(A, 1, 3));

    assertThat(stream(A)).isEqualTo(texts(A, 0, 3));
  }

  private RunningSink sink(TaskMetrics taskMetrics) {
    Map<String, String> properties = new HashMap<>();
    properties.put("name", "a");
    properties.put("errors.tolerance", "all");
    return new RunningSink(
        new RedisStreamSinkConfig(properties), redis, context, taskMetrics, clock);
  }

  private void begin(Map<TopicPartition, Long> positions) {
    sink.open(positions.keySet());
    commit(positions);
    sink.put(List.of());
  }

  private Map<TopicPartition, Long> commit(Map<TopicPartition, Long> wanted) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    wanted.forEach((partition, next) -> offsets.put(partition, new OffsetAndMetadata(next)));
    return sink.committable(offsets).entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset()));
  }

  private void deliver(List<SinkRecord> first, List<SinkRecord> second) {
    deliver(all(first, second));
  }

  private void deliver(List<SinkRecord> batch) {
    FakeWorker.deliver(sink, batch, () -> clock.advance(Duration.ofMinutes(1)));
  }

  private boolean isTaken(List<SinkRecord> batch) {
    try {
      sink.put(batch);
      return true;
    } catch (RetriableException e) {
      return false;
    }
  }

  private static <T> List<T> all(List<T> first, List<T> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  private static List<SinkRecord> records(TopicPartition partition, int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(
            offset -> SimulatedTopics.record(partition, offset, text(partition, offset), 1_000L))
        .toList();
  }

  private static List<String> texts(TopicPartition partition, int from, int to) {
    return IntStream.range(from, to).mapToObj(offset -> text(partition, offset)).toList();
  }

  private static String text(TopicPartition partition, long offset) {
    return partition + "@" + offset;
  }

  private List<String> stream(TopicPartition partition) {
    return Replies.entries(redis.call("XRANGE", STREAM, "-", "+")).stream()
        .map(entry -> new String(entry.value(0), StandardCharsets.UTF_8))
        .filter(value -> value.startsWith(partition + "@"))
        .toList();
  }

  private static Object metric(String name) throws JMException {
    return ManagementFactory.getPlatformMBeanServer()
        .getAttribute(
            new ObjectName(
                "kafka.connect:type=plugins,connector=a,task=0,stream=\"" + STREAM + "\""),
            name);
  }
}
