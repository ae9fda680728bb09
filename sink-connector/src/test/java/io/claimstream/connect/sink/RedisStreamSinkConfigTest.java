/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.sink.encode.BytesFormat;
import io.claimstream.connect.sink.encode.NullValues;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisStreamSinkConfigTest {

  @Test
  void defaultsAreThoseOfTheReference() {
    RedisStreamSinkConfig config = config();

    assertThat(config.stream().text()).isEqualTo("claims:analytics");
    assertThat(config.maxLength()).isEmpty();
    assertThat(config.retention()).isEmpty();
    assertThat(config.entryFormat().nullValues()).isEqualTo(NullValues.IGNORE);
    assertThat(config.entryFormat().bytesFormat()).isEqualTo(BytesFormat.BASE64);
    assertThat(config.failedStream().name()).isEqualTo("claims:failed");
    assertThat(config.errors().tolerated()).isFalse();
    assertThat(config.retryLimits().timeout()).isEmpty();
  }

  @Test
  void valuesAreRead() {
    RedisStreamSinkConfig config =
        config(
            "redis.stream", "x:${topic}",
            "redis.stream.max.length", "7",
            "redis.stream.retention.ms", "8000",
            "redis.write.count", "9",
            "behavior.on.null.values", "fail",
            "redis.bytes.format", "raw",
            "redis.failed.stream", "",
            "errors.tolerance", "all",
            "errors.retry.timeout", "60000");

    assertThat(config.stream().hasTopic()).isTrue();
    assertThat(config.maxLength()).hasValue(7);
    assertThat(config.retention()).hasValue(Duration.ofSeconds(8));
    assertThat(config.writeCount()).isEqualTo(9);
    assertThat(config.entryFormat().nullValues()).isEqualTo(NullValues.FAIL);
    assertThat(config.entryFormat().bytesFormat()).isEqualTo(BytesFormat.RAW);
    assertThat(config.failedStream().isOff()).isTrue();
    assertThat(config.errors().tolerated()).isTrue();
    assertThat(config.retryLimits().timeout()).hasValue(Duration.ofMinutes(1));
  }

  @ParameterizedTest
  @CsvSource({
    "redis.stream, ' '",
    "redis.stream, '${stream}'",
    "redis.delivery, twice",
    "redis.stream.max.length, 0",
    "redis.stream.max.length, -2",
    "redis.stream.max.length, many",
    "redis.stream.retention.ms, 0",
    "redis.stream.retention.ms, 1h",
    "redis.write.count, 0",
    "redis.write.count, 10001",
    "behavior.on.null.values, delete",
    "redis.bytes.format, hex",
    "redis.topology, ring",
    "redis.uri, http://localhost",
    "redis.uri, ''",
    "redis.connect.timeout.ms, 0",
    "redis.command.timeout.ms, soon",
    "errors.retry.timeout, soon",
    "errors.retry.delay.max.ms, soon",
  })
  void wrongValueIsRefusedOnItsKey(String key, String value) {
    assertThatThrownBy(() -> config(key, value))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(key);
  }

  @Test
  void everySettingIsDocumented() {
    for (ConfigDef.ConfigKey key : RedisStreamSinkConfig.CONFIG_DEF.configKeys().values()) {
      assertThat(key.documentation).as(key.name).isNotBlank();
      assertThat(key.group).as(key.name).isNotBlank();
      assertThat(key.displayName).as(key.name).isNotBlank();
    }
  }

  private static RedisStreamSinkConfig config(String... settings) {
    Map<String, String> properties = new HashMap<>(Map.of("name", "analytics"));
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    return new RedisStreamSinkConfig(properties);
  }
}
