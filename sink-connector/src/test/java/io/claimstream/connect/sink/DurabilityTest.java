/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.Fault.Refusal;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.sink.deliver.Durability;
import io.claimstream.connect.sink.deliver.FakeAppendScript;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Offsets are committed only once replicas, or append-only files, have the writes. */
class DurabilityTest {
  private static final TopicPartition PARTITION = new TopicPartition("claims", 0);
  private static final int ROUNDS = 300;

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final SimulatedTopics topics = new SimulatedTopics("a", List.of(PARTITION), () -> false);
  private int replicas = 2;

  @BeforeEach
  void teach() {
    FakeAppendScript.teach(redis, fields -> null);
    redis.replicas(() -> replicas);
  }

  @ParameterizedTest
  @ValueSource(strings = {Durability.REPLICAS, Durability.AOF})
  void offsetsAreHeldBackUntilEnoughReplicasHaveTheWrites(String setting) {
    SimulatedSinkTask task =
        task(
            setting.equals(Durability.AOF)
                ? Map.of(Durability.AOF, "true", Durability.REPLICAS, "2")
                : Map.of(Durability.REPLICAS, "2"));
    produce(10);
    task.settle(clock);
    replicas = 1;

    produce(5);
    task.settle(clock);

    assertThat(stream()).isEqualTo(topics.good(PARTITION, 0));
    assertThat(topics.committed(PARTITION)).isEqualTo(10);

    replicas = 2;
    task.commit();
    assertThat(topics.committed(PARTITION)).isEqualTo(15);
  }

  @Test
  void nothingIsAskedWithoutTheSettings() {
    replicas = 0;
    SimulatedSinkTask task = task(Map.of());
    produce(10);

    task.settle(clock);

    assertThat(topics.committed(PARTITION)).isEqualTo(10);
  }

  @Test
  void aCommitWithoutNewWritesDoesNotAskAgain() {
    SimulatedSinkTask task = task(Map.of(Durability.REPLICAS, "1"));
    produce(10);
    task.settle(clock);
    List<String> sent = new ArrayList<>();
    redis.between(command -> sent.add(command.name()));

    task.commit();

    assertThat(sent).isEmpty();
    assertThat(topics.committed(PARTITION)).isEqualTo(10);
  }

  @Test
  void anotherConnectionThanThatOfTheWritesAsksAfterAWriteOfItsOwn() {
    // given writes whose connection breaks before they are committed
    SimulatedSinkTask task = task(Map.of(Durability.REPLICAS, "1"));
    produce(10);
    task.turnWithoutCommit(clock);
    redis.stop();
    redis.start();
    task.commit(); // over the broken connection
    assertThat(topics.committed(PARTITION)).isZero();
    List<String> sent = new ArrayList<>();
    redis.between(command -> sent.add(command.name()));

    // when
    task.commit();

    // then
    assertThat(sent).containsExactly("EVAL", "WAIT");
    assertThat(topics.committed(PARTITION)).isEqualTo(10);
  }

  @Test
  void aRefusalHoldsOffsetsBackAndIsNoFailure() {
    SimulatedSinkTask task = task(Map.of(Durability.REPLICAS, "1"));
    redis.faults(
        FaultPlan.always(
            command -> command.name().equals("WAIT"),
            new Refusal("NOPERM no permission for WAIT")));

    produce(10);
    task.settle(clock);

    assertThat(stream()).hasSize(10);
    assertThat(topics.committed(PARTITION)).isZero();
  }

  /** What Connect has committed, every replica that may become master has. */
  @Test
  void noFailoverLosesWhatIsCommitted() {
    long seed = Long.getLong("test.seed", System.nanoTime());
    Random random = new Random(seed);
    FakeRedis.Snapshot[] replica = {redis.snapshot()};
    redis.replicas(
        () -> {
          if (random.nextInt(3) == 0) {
            return 0;
          }
          replica[0] = redis.snapshot();
          return 1;
        });
    SimulatedSinkTask task = task(Map.of(Durability.REPLICAS, "1"));
    produce(1);
    task.settle(clock);
    replica[0] = redis.snapshot(); // one without stored offsets fails the task
    int held = 0;
    for (int round = 0; round < ROUNDS; round++) {
      switch (random.nextInt(8)) {
        case 0 -> {
          redis.comeBackAs(replica[0]);
          assertThat((long) stream().size())
              .as("test.seed=%d, round %d", seed, round)
              .isGreaterThanOrEqualTo(topics.committed(PARTITION));
        }
        case 1 -> {
          task.stop();
          task = task(Map.of(Durability.REPLICAS, "1"));
        }
        case 2 -> replica[0] = redis.snapshot();
        case 3, 4 -> task.commit();
        default -> {
          produce(random.nextInt(6));
          clock.advance(Duration.ofSeconds(random.nextInt(4)));
          task.turn(random);
        }
      }
      held += topics.committed(PARTITION) < stream().size() ? 1 : 0;
    }
    redis.replicas(() -> 1);
    clock.advance(Duration.ofMinutes(1));
    task.settle(clock);
    task.commit();

    assertThat(stream()).as("test.seed=%d", seed).isEqualTo(topics.good(PARTITION, 0));
    assertThat(topics.committed(PARTITION)).isEqualTo(topics.end(PARTITION));
    assertThat(held).isPositive();
  }

  @Test
  void deliveryWithoutStoredOffsetsIsRefused() {
    assertThatThrownBy(
            () -> task(Map.of(Durability.AOF, "true", "redis.delivery", "at-least-once")))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("redis.wait.aof requires redis.delivery=exactly-once");
  }

  private SimulatedSinkTask task(Map<String, String> more) {
    Map<String, String> properties =
        new HashMap<>(Map.of("name", "a", "topics", "claims", "errors.tolerance", "all"));
    properties.putAll(more);
    return new SimulatedSinkTask(
        properties, redis, clock, topics, new LinkedHashSet<>(Set.of(PARTITION)));
  }

  private void produce(int count) {
    for (int i = 0; i < count; i++) {
      topics.add(PARTITION, true, false, clock.millis());
    }
  }

  private List<String> stream() {
    return Replies.entries(redis.call("XRANGE", "claims:analytics", "-", "+")).stream()
        .map(entry -> new String(entry.value(0), StandardCharsets.UTF_8))
        .toList();
  }
}
