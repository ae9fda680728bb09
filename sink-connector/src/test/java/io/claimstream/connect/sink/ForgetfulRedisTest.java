/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.sink.deliver.FakeAppendScript;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Redis that returns with fewer or different data than it acknowledged. */
class ForgetfulRedisTest {
  private static final String STREAM = "claims:analytics";
  private static final String OFFSETS = "claimstream:v1:offsets:{claims:analytics}:a";
  private static final TopicPartition PARTITION = new TopicPartition("claims", 0);
  private static final TopicPartition OTHER = new TopicPartition("claims", 1);

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final SimulatedTopics topics =
      new SimulatedTopics("a", List.of(PARTITION, OTHER), () -> false);
  private final Random random = new Random(1);

  @BeforeEach
  void teachTheScript() {
    FakeAppendScript.teach(redis, fields -> null);
  }

  @Test
  void whatAFailoverLostIsAppendedAgainOnceAndInOrderWhenTheNextRecordComes() {
    SimulatedSinkTask task = task();
    FakeRedis.Snapshot earlier = snapshotBefore20More(task);

    redis.comeBackAs(earlier);
    produce(5);
    task.settle(clock);

    assertThat(stream()).isEqualTo(topics.good(PARTITION, 0));
    assertThat(topics.committed(PARTITION)).isEqualTo(35);
  }

  @Test
  void whatAFailoverLostIsAppendedAgainThoughNoRecordComes() {
    SimulatedSinkTask task = task();
    FakeRedis.Snapshot earlier = snapshotBefore20More(task);

    redis.comeBackAs(earlier);
    clock.advance(Duration.ofSeconds(6));
    task.turn(random);
    task.settle(clock);

    assertThat(stream()).isEqualTo(topics.good(PARTITION, 0));
  }

  @Test
  void whatRedisLostIsAppendedAgainAfterARestartThoughKafkaHasCommittedItAll() {
    SimulatedSinkTask former = task();
    FakeRedis.Snapshot earlier = snapshotBefore20More(former);
    former.stop();
    assertThat(topics.committed(PARTITION)).isEqualTo(30);

    redis.comeBackAs(earlier);
    SimulatedSinkTask task = task();
    task.settle(clock);

    assertThat(stream()).isEqualTo(topics.good(PARTITION, 0));
  }

  @Test
  void nothingIsCommittedPastWhatRedisHoldsWhileTheTopicIsReadAgain() {
    SimulatedSinkTask task = task();
    FakeRedis.Snapshot earlier = snapshotBefore20More(task);
    redis.comeBackAs(earlier);
    clock.advance(Duration.ofSeconds(6));

    task.turn(random); // detects the loss

    task.commit();
    assertThat(topics.committed(PARTITION)).isEqualTo(10);
  }

  @Test
  void partitionsThatLostNothingAreNotReadAgain() {
    SimulatedSinkTask task = task();
    topics.add(OTHER, true, false, clock.millis());
    FakeRedis.Snapshot earlier = snapshotBefore20More(task);

    redis.comeBackAs(earlier);
    produce(1);
    task.settle(clock);

    assertThat(stream()).hasSize(32).containsAll(topics.good(OTHER, 0));
  }

  @Test
  void storedOffsetThatIsGoneFailsTheTaskAndNamesBothWaysOn() {
    SimulatedSinkTask task = task();
    appended(task, 10);

    redis.flushAll();
    produce(1);

    assertThatThrownBy(() -> task.settle(clock))
        .isInstanceOf(ConnectException.class)
        .isNotInstanceOf(RetriableException.class)
        .hasMessageContainingAll(
            "claims-0",
            STREAM,
            OFFSETS,
            "are missing",
            "which was 9",
            "restart the task",
            "PATCH",
            "kafka_offset");
  }

  @Test
  void storedOffsetThatIsGoneFailsAnIdleTask() {
    SimulatedSinkTask task = task();
    appended(task, 10);

    redis.flushAll();
    clock.advance(Duration.ofSeconds(6));

    assertThatThrownBy(() -> task.turn(random))
        .hasMessageContainingAll("are missing", "claims-0", "claims-1");
  }

  @Test
  void startWithoutStoredOffsetsGoesOnFromKafkasCommittedOffset() {
    SimulatedSinkTask former = task();
    appended(former, 10);
    former.stop();
    redis.flushAll();

    produce(5);
    task().settle(clock);

    assertThat(stream()).isEqualTo(topics.good(PARTITION, 10));
  }

  @Test
  void restartAfterRecordsThatNeedNoEntryReadsNothingAgain() {
    // given a topic that ends with a bad record, a tombstone's like, and what a filter drops
    SimulatedSinkTask former = task();
    appended(former, 10);
    topics.add(PARTITION, false, false, clock.millis());
    topics.addFiltered(PARTITION, clock.millis());
    former.settle(clock);
    former.stop();
    int reports = topics.reports();

    task().settle(clock);

    assertThat(topics.reports()).isEqualTo(reports);
    assertThat(stream()).isEqualTo(topics.good(PARTITION, 0));
    assertThat(Replies.text(redis.call("HGET", OFFSETS, PARTITION))).startsWith("11 ");
  }

  @Test
  void whatKafkaNoLongerHasIsLeftOutAndWhatIsLeftIsAppendedOnce() {
    SimulatedSinkTask task = task();
    FakeRedis.Snapshot earlier = snapshotBefore20More(task);

    redis.comeBackAs(earlier);
    topics.delete(PARTITION, 15);
    produce(5);
    task.settle(clock);

    List<String> expected = topics.good(PARTITION, 0);
    expected = List.copyOf(expected).subList(0, 10);
    assertThat(stream().subList(0, 10)).isEqualTo(expected);
    assertThat(stream().subList(10, stream().size())).isEqualTo(topics.good(PARTITION, 15));
  }

  @Test
  void consumerThatKafkaResetsToTheEndIsSentBackToWhereItStood() {
    SimulatedSinkTask task = task();
    FakeRedis.Snapshot earlier = snapshotBefore20More(task);

    topics.delete(PARTITION, 15);
    topics.resetToEnd();
    redis.comeBackAs(earlier);
    clock.advance(Duration.ofSeconds(6));
    task.turn(random);
    produce(5);
    task.settle(clock);
    produce(5);
    task.settle(clock);

    assertThat(stream().subList(10, stream().size())).isEqualTo(topics.good(PARTITION, 30));
  }

  @Test
  void repeatedBatchIsSkippedThoughATransformChangesTheTimestamps() {
    // given a worker that is killed after an append and before its commit
    SimulatedSinkTask killed = task();
    appended(killed, 10);
    produce(10);
    killed.settle(clock); // commits, which shows the next append
    produce(10);
    killed.turnWithoutCommit(clock);
    assertThat(stream()).hasSize(30);
    assertThat(topics.committed(PARTITION)).isEqualTo(20);

    topics.setTimestamps(clock.millis() + 1_000_000);
    task().settle(clock);

    assertThat(stream()).isEqualTo(topics.good(PARTITION, 0));
    assertThat(topics.committed(PARTITION)).isEqualTo(30);
  }

  @Test
  void topicThatIsRecreatedWhileTheSinkRunsFailsItBeforeAnythingIsSkipped() {
    SimulatedSinkTask task = task();
    appended(task, 10);

    topics.recreate(PARTITION);
    produce(5);

    assertThatThrownBy(() -> task.settle(clock))
        .isInstanceOf(ConnectException.class)
        .isNotInstanceOf(RetriableException.class)
        .hasMessageContainingAll(
            "claims-0@0", "recreated", "log was truncated", STREAM, "PATCH", "[0, 1]");
    task.commit();
    assertThat(topics.committed(PARTITION)).isEqualTo(10);
  }

  @Test
  void topicThatIsRecreatedWhileTheSinkIsStoppedCommitsNothingUntilItIsCertain() {
    // given a new topic whose first records are as old as those of the former one
    SimulatedSinkTask former = task();
    appended(former, 10);
    former.stop();
    topics.recreate(PARTITION);
    topics.commit(PARTITION, 0);
    produce(3);
    topics.setTimestamps(0);
    SimulatedSinkTask task = task();
    task.settle(clock);
    assertThat(topics.committed(PARTITION)).isEqualTo(0);

    clock.advance(Duration.ofMinutes(1));
    produce(1);

    assertThatThrownBy(() -> task.settle(clock))
        .hasMessageContainingAll("recreated", "claims-0@3", "PATCH");
    task.commit();
    assertThat(topics.committed(PARTITION)).isEqualTo(0);
  }

  @Test
  void frozenTaskThatWakesUpAfterAReplayWasAskedForAppendsNothing() {
    SimulatedSinkTask frozen = task();
    appended(frozen, 10);
    frozen.becomeZombie();
    alterOffsets(3L);
    topics.commit(PARTITION, 3);
    produce(5);

    frozen.settle(clock); // its consumer is still after the tenth record

    SimulatedSinkTask task = task();
    task.settle(clock);
    assertThat(stream().subList(0, 10)).isEqualTo(topics.good(PARTITION, 0).subList(0, 10));
    assertThat(stream().subList(10, stream().size())).isEqualTo(topics.good(PARTITION, 3));
  }

  @Test
  void recordsThatWereNeverAppendedAreNoSignOfARecreatedTopic() {
    // given a record among the first that is newer than what comes after
    long now = clock.millis();
    for (int i = 0; i < 20; i++) {
      topics.add(PARTITION, true, false, i == 3 ? now - 1_000 : now - 60_000);
    }
    // and a connector that was requested to skip them
    alterOffsets(15L);
    topics.commit(PARTITION, 15);
    SimulatedSinkTask former = task();
    former.settle(clock);
    former.stop();

    // when Kafka has dropped the group's offsets, as of any that was unused for a week
    topics.commit(PARTITION, 0);
    task().settle(clock);

    assertThat(stream()).isEqualTo(topics.good(PARTITION, 15));
  }

  @Test
  void partitionsStayPausedUntilRedisHasBeenAsked() {
    redis.stop();
    SimulatedSinkTask task = task();
    produce(5);
    for (int i = 0; i < 10; i++) {
      clock.advance(Duration.ofMinutes(1));
      task.turn(random);
      assertThat(task.isPaused(PARTITION)).isTrue();
    }

    redis.start();
    clock.advance(Duration.ofMinutes(1));
    task.settle(clock);

    assertThat(task.isPaused(PARTITION)).isFalse();
    assertThat(stream()).isEqualTo(topics.good(PARTITION, 0));
  }

  /** Appends that many records and takes a snapshot of Redis. */
  private FakeRedis.Snapshot appended(SimulatedSinkTask task, int count) {
    produce(count);
    task.settle(clock);
    return redis.snapshot();
  }

  /** Appends 30 records and takes a snapshot of Redis after the tenth. */
  private FakeRedis.Snapshot snapshotBefore20More(SimulatedSinkTask task) {
    FakeRedis.Snapshot earlier = appended(task, 10);
    produce(20);
    task.settle(clock);
    return earlier;
  }

  private void produce(int count) {
    for (int i = 0; i < count; i++) {
      topics.add(PARTITION, true, false, clock.millis());
    }
  }

  private SimulatedSinkTask task() {
    return new SimulatedSinkTask(
        properties(), redis, clock, topics, new LinkedHashSet<>(Set.of(PARTITION, OTHER)));
  }

  private void alterOffsets(long next) {
    Map<TopicPartition, @Nullable Long> offsets = new HashMap<>();
    offsets.put(PARTITION, next);
    new RedisStreamSinkConnector(settings -> redis, clock).alterOffsets(properties(), offsets);
  }

  private static Map<String, String> properties() {
    return Map.of("name", "a", "topics", "claims", "errors.tolerance", "all");
  }

  private List<String> stream() {
    return Replies.entries(redis.call("XRANGE", STREAM, "-", "+")).stream()
        .map(entry -> new String(entry.value(0), StandardCharsets.UTF_8))
        .toList();
  }
}
