/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.List;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

class TextValidatorTest {
  private final TextValidator ids = TextValidator.of("a stream id", EntryId::parse);

  @Test
  void namesSettingValueAndReason() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> ids.ensureValid("redis.start", "yesterday"))
        .withMessageContaining("redis.start")
        .withMessageContaining("must be a stream id")
        .withMessageContaining("'yesterday' is not a stream id");
    assertThat(ids).hasToString("a stream id");
  }

  @Test
  void looksAtEachElementOfAList() {
    assertThatNoException().isThrownBy(() -> ids.ensureValid("redis.start", List.of("1-0", "2")));
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> ids.ensureValid("redis.start", List.of("1-0", "x")))
        .withMessageContaining("'x'");
  }

  @Test
  void refusesBlankTextsAndEmptyLists() {
    TextValidator notBlank = TextValidator.notBlank();

    assertThatNoException().isThrownBy(() -> notBlank.ensureValid("k", List.of("a")));
    for (Object blank : List.of("", " ", List.of(), List.of("a", " "))) {
      assertThatExceptionOfType(ConfigException.class)
          .as("'%s'", blank)
          .isThrownBy(() -> notBlank.ensureValid("k", blank))
          .withMessageContaining("must be not empty");
    }
  }

  @Test
  void leavesASettingWithoutValueAlone() {
    assertThatNoException().isThrownBy(() -> ids.ensureValid("redis.start", null));
  }
}
