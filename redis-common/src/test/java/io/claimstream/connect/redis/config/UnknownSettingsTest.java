/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnknownSettingsTest {
  private static final List<String> KNOWN =
      List.of(
          "redis.uri",
          "redis.streams",
          "redis.start.id",
          "redis.ssl.truststore.location",
          "redis.password",
          "event.format",
          "topic",
          "errors.retry.timeout",
          "errors.tolerance");

  private static Map<String, List<String>> errors(String given) {
    Config config =
        new Config(
            new ArrayList<>(KNOWN.stream().map(ConfigValue::new).collect(Collectors.toList())));
    UnknownSettings.check(
        config, Stream.concat(KNOWN.stream(), Stream.of(given)).collect(Collectors.toList()));
    return config.configValues().stream()
        .filter(value -> !value.errorMessages().isEmpty())
        .collect(Collectors.toMap(ConfigValue::name, ConfigValue::errorMessages));
  }

  @ParameterizedTest
  @CsvSource({
    "redis.steams, redis.streams",
    "redis.stream, redis.streams",
    "redis.stream.name, redis.streams",
    "error.tolerance, errors.tolerance",
    "errors.tolerence, errors.tolerance",
    "errors.deadletterqueue.topic, errors.deadletterqueue.topic.name",
    "ssl.truststore.location, redis.ssl.truststore.location",
    "uri, redis.uri",
    "event.formats, event.format",
    "task.max, tasks.max",
  })
  void aSettingThatNobodyReadsIsNamedWithTheOneThatWasMeant(String given, String meant) {
    assertThat(errors(given)).containsOnlyKeys(given);
    assertThat(errors(given).toString()).contains("'" + given + "'", "'" + meant + "'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name",
        "connector.class",
        "connector.plugin.version",
        "tasks.max",
        "tasks.max.enforce",
        "transforms",
        "transforms.drop.type",
        "predicates.isTombstone.type",
        "key.converter",
        "value.converter.schema.registry.url",
        "value.converter.plugin.version",
        "errors.log.enable",
        "errors.deadletterqueue.context.headers.enable",
        "exactly.once.support",
        "transaction.boundary.interval.ms",
        "offsets.storage.topic",
        "topic.creation.default.partitions",
        "topics.regex",
        "consumer.override.group.id",
        "producer.override.linger.ms",
        "config.action.reload",
        "owner.of.this.connector",
        "note",
        "date",
        "node",
      })
  void whatConnectReadsOrNobodyCouldMeanIsLeftAlone(String given) {
    assertThat(errors(given)).isEmpty();
  }

  @Test
  void theValueIsNotShown() {
    Config config = new Config(new ArrayList<>(List.of(new ConfigValue("redis.password"))));

    UnknownSettings.check(config, List.of("redis.pasword"));

    assertThat(config.configValues().get(1).value()).isNull();
  }
}
