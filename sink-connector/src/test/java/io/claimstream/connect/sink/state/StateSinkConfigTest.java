/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateSinkConfigTest {

  @Test
  void writesHashesWithoutATimeToLiveByDefault() {
    // given
    StateSinkConfig config = config("redis.key", "claim:${key}");

    // then
    assertThat(config.type()).isEqualTo(StateType.HASH);
    assertThat(config.ttl()).isEmpty();
    assertThat(config.streams().offsets(config.destination().text()).key())
        .isEqualTo("claimstream:v1:offsets:{claim:}:claims-state");
  }

  @Test
  void needsAKey() {
    assertThatThrownBy(() -> config())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("redis.key");
  }

  @Test
  void aClusterNeedsOneHashTag() {
    // when, then
    assertThatThrownBy(() -> config("redis.key", "claim:${key}", "redis.topology", "cluster"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("redis.key")
        .hasMessageContaining("{claims}:claim:${key}");

    // when
    StateSinkConfig config =
        config("redis.key", "{claims}:claim:${key}", "redis.topology", "cluster");

    // then
    assertThat(config.streams().offsets(config.destination().text()).key())
        .startsWith("claimstream:v1:offsets:{claims}:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-2", "9223372036854775807"})
  void rejectsTimesToLiveThatRedisRejects(String millis) {
    assertThatThrownBy(() -> config("redis.key", "claim:${key}", "redis.key.ttl.ms", millis))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("redis.key.ttl.ms");
  }

  private static StateSinkConfig config(String... settings) {
    Map<String, String> properties = new HashMap<>(Map.of("name", "claims-state"));
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    return new StateSinkConfig(properties);
  }
}
