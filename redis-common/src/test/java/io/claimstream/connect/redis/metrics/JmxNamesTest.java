/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JmxNamesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "claims-source_1.a %2F | claims-source_1.a %2F",
        "a:b | \"a:b\"",
        "a=b,c | \"a=b,c\"",
        "a*b? | \"a\\*b\\?\"",
      })
  void quotesAValueAsKafkaDoesInTheNamesOfItsMBeans(String value, String inAName) {
    assertThat(JmxNames.value(value)).isEqualTo(inAName);
  }
}
