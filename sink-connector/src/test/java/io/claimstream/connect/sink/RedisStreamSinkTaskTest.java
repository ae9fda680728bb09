/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.fake.FakeClock;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisStreamSinkTaskTest {
  private static final TopicPartition PARTITION = new TopicPartition("claims", 0);

  private final ScriptedRedis redis = new ScriptedRedis();
  private final RedisStreamSinkTask task =
      new RedisStreamSinkTask(settings -> redis, new FakeClock());

  @BeforeEach
  void initialize() {
    task.initialize(new FakeSinkContext());
  }

  @Test
  void recordsAreAppendedAndTheirOffsetsMayBeCommitted() {
    Map<TopicPartition, OffsetAndMetadata> offsets = Map.of(PARTITION, new OffsetAndMetadata(1));
    task.start(Map.of("name", "analytics", "redis.delivery", "at-least-once"));
    task.open(List.of(PARTITION));

    task.put(List.of(record()));

    assertThat(redis.values("claims:analytics", "value")).containsExactly("a");
    assertThat(task.preCommit(offsets)).isEqualTo(offsets);
    task.close(List.of(PARTITION));
    task.stop();
  }

  @Test
  void taskThatFailedToStartCanBeStopped() {
    assertThatThrownBy(() -> task.start(Map.of("redis.write.count", "0")))
        .hasMessageContaining("redis.write.count");

    task.stop();

    assertThatThrownBy(() -> task.put(List.of(record()))).isInstanceOf(ConnectException.class);
  }

  @Test
  void versionIsTheConnectors() {
    assertThat(task.version()).isEqualTo(new RedisStreamSinkConnector().version());
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord record() {
    return new SinkRecord("claims", 0, null, null, null, "a", 0);
  }
}
