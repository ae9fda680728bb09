/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

class ConfigKeyTest {
  private final ConfigDef def = new ConfigDef();

  @Test
  void declaresEveryPart() {
    TextValidator check = TextValidator.notBlank();

    ConfigKey.of("stream", Type.STRING)
        .defaultsTo("claims")
        .validatedBy(check)
        .importance(Importance.HIGH)
        .width(Width.LONG)
        .displayName("Stream")
        .doc("The key.")
        .addTo(def, "Streams");

    ConfigDef.ConfigKey key = key("stream");
    assertThat(key.type).isEqualTo(Type.STRING);
    assertThat(key.defaultValue).isEqualTo("claims");
    assertThat(key.validator).isSameAs(check);
    assertThat(key.importance).isEqualTo(Importance.HIGH);
    assertThat(key.width).isEqualTo(Width.LONG);
    assertThat(key.displayName).isEqualTo("Stream");
    assertThat(key.documentation).isEqualTo("The key.");
    assertThat(key.group).isEqualTo("Streams");
  }

  @Test
  void countsTheOrderInEachGroup() {
    ConfigKey.of("a", Type.STRING).addTo(def, "one");
    ConfigKey.of("b", Type.STRING).addTo(def, "two");
    ConfigKey.of("c", Type.STRING).addTo(def, "one");

    assertThat(key("a").orderInGroup).isEqualTo(1);
    assertThat(key("b").orderInGroup).isEqualTo(1);
    assertThat(key("c").orderInGroup).isEqualTo(2);
  }

  @Test
  void isRequiredUnlessItHasADefault() {
    ConfigKey.of("stream", Type.STRING).addTo(def, "Streams");

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> def.parse(Map.of()))
        .withMessageContaining("stream");
  }

  @Test
  void offersAndChecksTheNamesOfAnEnum() {
    ConfigKey.of("topology", Type.STRING).oneOf(RedisTopology.SENTINEL).addTo(def, "Streams");

    assertThat(key("topology").recommender.validValues("topology", Map.of()))
        .isEqualTo(List.of("standalone", "sentinel", "cluster"));
    assertThat(def.parse(Map.of())).containsEntry("topology", "sentinel");
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> def.parse(Map.of("topology", "ring")))
        .withMessageContaining("topology")
        .withMessageContaining("standalone, sentinel, cluster");
  }

  private ConfigDef.ConfigKey key(String name) {
    return requireNonNull(def.configKeys().get(name));
  }
}
