/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartPositionTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0-0",
    "$, $",
    "1724149800000-3, 1724149800000-3",
    "1724149800000, 1724149800000-0",
    "2024-08-20T10:30:00Z, 1724149799999-18446744073709551615",
    "1960-01-01T00:00:00Z, 0-0",
  })
  void aGroupBeginsAtHistoryNowAnIdOrAnInstant(String text, String id) {
    assertThat(StartPosition.parse(text).id()).isEqualTo(id);
  }

  @ParameterizedTest
  @CsvSource({"yesterday", "1-2-3", "-1", "''", "2024-08-20"})
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> StartPosition.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
