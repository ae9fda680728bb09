/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

class FailedStreamTest {

  @Test
  void everythingIsKeptByDefault() {
    assertThat(words(failedStream(Map.of()))).containsExactly("claims:failed", "*");
  }

  @Test
  void limitTravelsWithEachDeadLetter() {
    assertThat(words(failedStream(Map.of("redis.failed.stream.max.length", "1000"))))
        .containsExactly("claims:failed", "MAXLEN", "~", "1000", "*");
  }

  @Test
  void limitThatKeepsNothingIsRefused() {
    assertThatThrownBy(() -> failedStream(Map.of("redis.failed.stream.max.length", "0")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("redis.failed.stream.max.length");
  }

  @Test
  void emptyNameTurnsItOff() {
    assertThat(failedStream(Map.of("redis.failed.stream", " ")).isOff()).isTrue();
  }

  private static FailedStream failedStream(Map<String, String> properties) {
    ConfigDef def = new ConfigDef();
    FailedStream.define(def, "Errors", "Dead letters.");
    return FailedStream.of(new AbstractConfig(def, properties, false));
  }

  private static List<String> words(FailedStream stream) {
    return stream.append().arguments().stream()
        .map(word -> new String(word, StandardCharsets.UTF_8))
        .toList();
  }
}
