/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnumChoiceTest {
  private enum Delivery {
    AT_LEAST_ONCE,
    BATCHED
  }

  private final EnumChoice<Delivery> choice = new EnumChoice<>(Delivery.class);

  @Test
  void writesConstantsInLowerCaseWithDashes() {
    assertThat(EnumChoice.text(Delivery.AT_LEAST_ONCE)).isEqualTo("at-least-once");
    assertThat(choice).hasToString("one of at-least-once, batched");
    assertThat(choice.validValues("delivery", Map.of()))
        .containsExactly("at-least-once", "batched");
    assertThat(choice.visible("delivery", Map.of())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"at-least-once", "AT_LEAST_ONCE", " At-Least-Once "})
  void readsThemInAnyCase(String text) {
    assertThat(EnumChoice.parse(Delivery.class, text)).isEqualTo(Delivery.AT_LEAST_ONCE);
    assertThatNoException().isThrownBy(() -> choice.ensureValid("delivery", text));
  }

  @Test
  void namesSettingValueAndChoicesIfThereIsNoSuchConstant() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> choice.ensureValid("delivery", "twice"))
        .withMessageContaining("delivery")
        .withMessageContaining("twice")
        .withMessageContaining("at-least-once, batched");
  }
}
