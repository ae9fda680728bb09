/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.sink.deliver.FakeAppendScript;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Redis loses data while Connect holds a batch back, or only a commit detects the loss. */
class HeldBatchTest {
  private static final String STREAM = "claims:analytics";
  private static final String OOM = "OOM command not allowed when used memory > 'maxmemory'.";
  private static final TopicPartition A = new TopicPartition("claims", 0);
  private static final TopicPartition B = new TopicPartition("claims", 1);

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final FakeSinkContext context = new FakeSinkContext();
  private boolean isOutOfMemoryForB;
  private final RunningSink sink =
      new RunningSink(
          new RedisStreamSinkConfig(Map.of("name", "a")),
          redis,
          context,
          UnpublishedMetrics.task(),
          clock);

  @BeforeEach
  void teachTheScript() {
    FakeAppendScript.teach(
        redis,
        fields ->
            isOutOfMemoryForB
                    && new String(fields.get(1), StandardCharsets.UTF_8).startsWith(B + "@")
                ? OOM
                : null);
    sink.open(List.of(A, B));
    commit(Map.of(A, 0L, B, 0L));
    sink.put(List.of());
  }

  @Test
  void seekIsAskedForOnlyOnceTheBatchThatIsHeldBackHasBeenHandedOver() {
    deliver(records(A, 0, 10));
    FakeRedis.Snapshot earlier = redis.snapshot();
    deliver(records(A, 10, 20));
    redis.comeBackAs(earlier);
    isOutOfMemoryForB = true;
    sink.put(all(records(A, 20, 25), records(B, 0, 5)));
    List<SinkRecord> held = all(records(A, 25, 30), records(B, 5, 10));

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> sink.put(held)).isInstanceOf(RetriableException.class);
      clock.advance(Duration.ofMinutes(1));
      assertThat(context.rewinds).isEmpty();
    }
    isOutOfMemoryForB = false;
    sink.put(held);

    assertThat(context.rewinds).containsExactly(Map.entry(A, 10L));
    deliver(records(A, 10, 30));
    assertThat(stream(A)).isEqualTo(texts(A, 0, 30));
    assertThat(stream(B)).isEqualTo(texts(B, 0, 10));
  }

  @Test
  void partitionThatIsTakenAwayMeanwhileIsNotSoughtIn() {
    deliver(records(A, 0, 10));
    FakeRedis.Snapshot earlier = redis.snapshot();
    deliver(records(A, 10, 20));
    redis.comeBackAs(earlier);
    isOutOfMemoryForB = true;
    sink.put(all(records(A, 20, 25), records(B, 0, 5)));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> sink.put(records(B, 5, 10))).isInstanceOf(RetriableException.class);
      clock.advance(Duration.ofMinutes(1));
    }

    sink.close(List.of(A));
    isOutOfMemoryForB = false;
    deliver(records(B, 5, 10));

    assertThat(context.rewinds).isEmpty();
  }

  /** A task's last commit includes partitions that were revoked long ago. */
  @Test
  void commitSaysNothingOfPartitionsThatWereTakenAway() {
    deliver(all(records(A, 0, 5), records(B, 0, 5)));
    sink.close(List.of(B));

    assertThat(commit(Map.of(A, 5L, B, 9L))).containsExactly(Map.entry(A, 5L));
  }

  @Test
  void lossThatACommitFindsOutIsRepaired() {
    deliver(records(A, 0, 10));
    FakeRedis.Snapshot earlier = redis.snapshot();
    deliver(records(A, 10, 20));
    redis.comeBackAs(earlier);

    // a transform has dropped offset 20, which must be stored; the connection fails first
    commit(Map.of(A, 21L));
    assertThat(commit(Map.of(A, 21L))).containsEntry(A, 10L);
    sink.put(records(A, 21, 25));

    assertThat(context.rewinds).containsExactly(Map.entry(A, 10L));
    deliver(all(records(A, 10, 20), records(A, 21, 25)));
    assertThat(stream(A)).isEqualTo(all(texts(A, 0, 20), texts(A, 21, 25)));
  }

  /**
   * Connect searches for them under the topic that a transform has set, and does not remove them.
   */
  @Test
  void recordsOfPartitionsThatAreAnotherTasksAreNotAppended() {
    deliver(all(records(A, 0, 5), records(B, 0, 5)));
    sink.close(List.of(B));

    deliver(all(records(A, 5, 10), records(B, 5, 10)));

    assertThat(stream(A)).isEqualTo(texts(A, 0, 10));
    assertThat(stream(B)).isEqualTo(texts(B, 0, 5));
  }

  private Map<TopicPartition, Long> commit(Map<TopicPartition, Long> wanted) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    wanted.forEach((partition, next) -> offsets.put(partition, new OffsetAndMetadata(next)));
    Map<TopicPartition, Long> committable = new HashMap<>();
    sink.committable(offsets)
        .forEach((partition, next) -> committable.put(partition, next.offset()));
    return committable;
  }

  private void deliver(List<SinkRecord> batch) {
    FakeWorker.deliver(sink, batch, () -> clock.advance(Duration.ofMinutes(1)));
  }

  private static <T> List<T> all(List<T> some, List<T> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }

  private static List<SinkRecord> records(TopicPartition partition, int from, int to) {
    return IntStream.range(from, to).mapToObj(offset -> record(partition, offset)).toList();
  }

  private static List<String> texts(TopicPartition partition, int from, int to) {
    return IntStream.range(from, to).mapToObj(offset -> partition + "@" + offset).toList();
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord record(TopicPartition partition, long offset) {
    String value = partition + "@" + offset;
    return new SinkRecord(
        partition.topic(), partition.partition(), null, null, null, value, offset);
  }

  private List<String> stream(TopicPartition partition) {
    return Replies.entries(redis.call("XRANGE", STREAM, "-", "+")).stream()
        .map(entry -> new String(entry.value(0), StandardCharsets.UTF_8))
        .filter(value -> value.startsWith(partition + "@"))
        .toList();
  }
}
