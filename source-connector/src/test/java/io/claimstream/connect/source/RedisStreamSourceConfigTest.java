/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.source.decode.EventFormat;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisStreamSourceConfigTest {

  private static RedisStreamSourceConfig config(String... settings) {
    Map<String, String> properties = new HashMap<>(Map.of("name", "claims-source"));
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    return new RedisStreamSourceConfig(properties);
  }

  @Test
  void theDefaultsAreTheDocumentedNames() {
    RedisStreamSourceConfig config = config();

    assertThat(config.streams()).containsExactly("claims:events");
    assertThat(config.group()).isEqualTo("claims-processors");
    assertThat(config.failedStream().name()).isEqualTo("claims:failed");
    assertThat(config.events().topic().topic("claims:events", "").name())
        .isEqualTo("claims.events");
    assertThat(config.startPosition().id()).isEqualTo("0-0");
    assertThat(config.events().format()).isEqualTo(EventFormat.EVENT);
    assertThat(config.maxDeliveries()).isEqualTo(5);
    assertThat(config.errors().tolerated()).isFalse();
    assertThat(config.trims()).isFalse();
  }

  @Test
  void eitherLimitMakesTheConnectorTrim() {
    assertThat(config("redis.stream.max.length", "1").trims()).isTrue();
    assertThat(config("redis.stream.retention.ms", "1").trims()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "redis.streams, ''",
    "redis.group, ' '",
    "redis.consumers.per.stream, 0",
    "redis.start.id, tomorrow",
    "redis.read.count, 0",
    "redis.read.block.ms, -1",
    "redis.max.deliveries, -1",
    "redis.claim.idle.ms, -2",
    "redis.stream.max.length, 0",
    "redis.stream.retention.ms, 0",
    "topic, ${table}",
    "topic, __consumer_offsets",
    "errors.deadletterqueue.topic.name, __transaction_state",
    "errors.deadletterqueue.topic.name, ..",
    "event.format, xml",
    "event.schemas, classpath:nowhere",
    "event.version, newest",
    "event.key.field, ''",
    "unknown.fields, drop",
    "record.timestamp, now",
    "redis.topology, ring",
    "redis.command.timeout.ms, 0",
  })
  void aWrongSettingIsRefusedByItsName(String key, String value) {
    assertThatThrownBy(() -> config(key, value))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("configuration " + key);
  }

  @Test
  void everySettingHasGroupNameCheckAndDoc() {
    for (ConfigDef.ConfigKey key : RedisStreamSourceConfig.CONFIG_DEF.configKeys().values()) {
      assertThat(key.group).as(key.name).isNotBlank();
      assertThat(key.displayName).as(key.name).isNotBlank();
      assertThat(key.documentation).as(key.name).isNotBlank();
      assertThat(key.orderInGroup).as(key.name).isPositive();
    }
  }

  @Test
  void anEntryIsNeverDeadLetteredAfterItsFirstDeliveryWhichMayBeAReadAhead() {
    assertThat(config("redis.max.deliveries", "1").maxDeliveries()).isEqualTo(2);
    assertThat(config("redis.max.deliveries", "2").maxDeliveries()).isEqualTo(2);
    assertThat(config("redis.max.deliveries", "0").maxDeliveries()).isZero();
  }

  @Test
  void withoutAPlaceForDeadLettersEntriesAreRetriedForever() {
    assertThat(config("redis.failed.stream", "").maxDeliveries()).isZero();
  }

  @Test
  void eachTaskGetsItsConsumersAndNoTaskIsIdle() {
    // given
    RedisStreamSourceConnector connector = new RedisStreamSourceConnector();
    connector.start(Map.of("name", "c", "redis.streams", "a,b,c"));

    // when
    List<Map<String, String>> tasks = connector.taskConfigs(2);

    // then
    assertThat(new RedisStreamSourceConfig(tasks.get(0)).taskLanes())
        .extracting(Object::toString)
        .containsExactly("a#0", "c#0");
    assertThat(new RedisStreamSourceConfig(tasks.get(1)).taskLanes())
        .extracting(Object::toString)
        .containsExactly("b#0");
    assertThat(connector.taskConfigs(9)).hasSize(3);
    assertThat(connector.exactlyOnceSupport(Map.of())).isEqualTo(ExactlyOnceSupport.SUPPORTED);
  }
}
