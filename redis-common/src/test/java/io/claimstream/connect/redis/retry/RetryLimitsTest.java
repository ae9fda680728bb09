/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryLimitsTest {

  @Test
  void retriesForeverIfNothingIsSet() {
    RetryLimits limits = RetryLimits.of(Map.of());

    assertThat(limits.timeout()).isEmpty();
    assertThat(limits.maxDelay()).isEqualTo(Duration.ofSeconds(10));
    assertThat(limits.isOver(Duration.ofDays(1_000))).isFalse();
  }

  @Test
  void takesConnectsOwnSettings() {
    RetryLimits limits =
        RetryLimits.of(Map.of(RetryLimits.TIMEOUT, " 60000 ", RetryLimits.MAX_DELAY, "2500"));

    assertThat(limits.timeout()).contains(Duration.ofMinutes(1));
    assertThat(limits.maxDelay()).isEqualTo(Duration.ofMillis(2_500));
    assertThat(limits.isOver(Duration.ofMinutes(1).minusMillis(1))).isFalse();
    assertThat(limits.isOver(Duration.ofMinutes(1))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", ""})
  void retriesForeverAsConnectSaysIt(String timeout) {
    assertThat(RetryLimits.of(Map.of(RetryLimits.TIMEOUT, timeout)).timeout()).isEmpty();
  }

  @Test
  void allowsNoRetryAtAll() {
    RetryLimits limits = RetryLimits.of(Map.of(RetryLimits.TIMEOUT, "0"));

    assertThat(limits.isOver(Duration.ZERO)).isTrue();
  }

  @Test
  void neverHammersRedis() {
    assertThat(RetryLimits.of(Map.of(RetryLimits.MAX_DELAY, "0")).maxDelay())
        .isEqualTo(Duration.ofMillis(100));
  }

  @ParameterizedTest
  @ValueSource(strings = {RetryLimits.TIMEOUT, RetryLimits.MAX_DELAY})
  void namesTheSettingThatIsNoNumber(String setting) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> RetryLimits.of(Map.of(setting, "soon")))
        .withMessageContaining(setting)
        .withMessageContaining("soon");
  }
}
