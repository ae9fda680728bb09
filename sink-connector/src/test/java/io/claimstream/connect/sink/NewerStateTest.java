/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.sink.deliver.FakeAppendScript;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stored offsets that a newer version of the connector has written. */
class NewerStateTest {
  private static final String STREAM = "claims:analytics";
  private static final String OFFSETS = "claimstream:v1:offsets:{claims:analytics}:a";
  private static final TopicPartition PARTITION = new TopicPartition("claims", 0);

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final SimulatedTopics topics = new SimulatedTopics("a", List.of(PARTITION), () -> false);

  @BeforeEach
  void teachTheScript() {
    FakeAppendScript.teach(redis, fields -> null);
  }

  @Test
  void aTaskThatFindsThemFailsAndNamesThem() {
    redis.call("HSET", OFFSETS, "claims-0", "v2 41 what-else");
    topics.add(PARTITION, true, false, clock.millis());

    assertThatThrownBy(() -> task().settle(clock))
        .isInstanceOf(ConnectException.class)
        .isNotInstanceOf(RetriableException.class)
        .hasMessageContainingAll(
            "field claims-0 of hash " + OFFSETS, "version 2", "newer version of the connector");
    assertThat(redis.call("XLEN", STREAM)).isEqualTo(0L);
  }

  @Test
  void aRunningTaskThatIsReplacedByANewerVersionFailsAndAppendsNothingMore() {
    // given
    SimulatedSinkTask task = task();
    topics.add(PARTITION, true, false, clock.millis());
    task.settle(clock);

    // when
    redis.call("HSET", OFFSETS, "claims-0", "v2 41 what-else");
    topics.add(PARTITION, true, false, clock.millis());

    // then
    assertThatThrownBy(() -> task.settle(clock))
        .isInstanceOf(ConnectException.class)
        .isNotInstanceOf(RetriableException.class)
        .hasMessageContainingAll("field claims-0 of hash " + OFFSETS, "version 2");
    assertThat(redis.call("XLEN", STREAM)).isEqualTo(1L);
    assertThat(Replies.text(redis.call("HGET", OFFSETS, "claims-0"))).startsWith("v2 ");
  }

  private SimulatedSinkTask task() {
    return new SimulatedSinkTask(
        Map.of("name", "a", "topics", "claims", "errors.tolerance", "all"),
        redis,
        clock,
        topics,
        new LinkedHashSet<>(Set.of(PARTITION)));
  }
}
