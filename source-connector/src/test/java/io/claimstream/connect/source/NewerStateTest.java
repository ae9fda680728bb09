/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** State that a newer version of the connector has left in Redis or in Connect. */
class NewerStateTest extends Scenario {
  private static final String BESIDE = ":{" + STREAM + "}:" + GROUP + ":c";
  private static final Map<String, String> PARTITION =
      Map.of("stream", STREAM, "group", GROUP, "consumer", "c-0");

  @ParameterizedTest
  @ValueSource(
      strings = {"owner%s-0", "consumers%s", "epoch%s-0", "takeover%s-takeover", "commit%s-0"})
  void aTaskThatFindsANewerFormatFailsAndNamesTheKey(String format) {
    // given
    String key = "claimstream:v1:" + String.format(format, BESIDE);
    List<String> read = add(5);
    start("redis.claim.idle.ms", "1000").stop();
    run(start("redis.claim.idle.ms", "1000"));

    // when
    redis.call("SET", key, "v2 7 1724149800000-0 and-more");
    add(3);
    SimulatedTask task = start("redis.claim.idle.ms", "1000");
    run(task);

    // then
    assertThat(task.failure())
        .contains("key " + key + " ", "version 2", "up to 1", "newer version of the connector");
    assertThat(connect.committed()).isEqualTo(read);
    assertThat(Replies.text(redis.call("GET", key))).startsWith("v2 ");
  }

  @Test
  void aRunningTaskThatIsReplacedByANewerVersionFailsAndReadsNothingMore() {
    // given
    String key = "claimstream:v1:owner" + BESIDE + "-0";
    List<String> read = add(5);
    SimulatedTask task = start();
    run(task);

    // when
    redis.call("SET", key, "v2 somebody");
    add(3);
    run(task);

    // then
    assertThat(task.failure()).contains("key " + key + " ", "version 2");
    assertThat(connect.committed()).isEqualTo(read);
  }

  @ParameterizedTest
  @ValueSource(strings = {"owner%s-0", "consumers%s", "epoch%s-0", "commit%s-0"})
  void aTaskThatFindsAnotherProgramsValueFailsAndNamesTheKey(String format) {
    String key = "claimstream:v1:" + String.format(format, BESIDE);
    redis.call("SET", key, "what is this");
    add(3);

    SimulatedTask task = start();
    run(task);

    assertThat(task.failure()).contains("key " + key + " ", "another program wrote it");
    assertThat(connect.committed()).isEmpty();
  }

  @Test
  void anOffsetOfANewerFormatFailsTheTaskAndNamesThePartition() {
    add(5);
    connect.store(PARTITION, Map.of("version", 2L, "positions", List.of("1-0")));

    assertThatThrownBy(this::start)
        .isInstanceOf(ConnectException.class)
        .hasMessageContainingAll(STREAM, "c-0", "version 2", "newer version", "PATCH");
  }

  @Test
  void anOffsetOfNoFormatFailsTheTaskAndNamesThePartition() {
    add(5);
    connect.store(PARTITION, Map.of("position", "1-0"));

    assertThatThrownBy(this::start)
        .isInstanceOf(ConnectException.class)
        .hasMessageContainingAll(STREAM, "c-0", "must have only the key 'id'", "PATCH");
  }
}
