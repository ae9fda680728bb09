/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnalyticsCheckTest {
  private static final FigureKey KEY =
      new FigureKey("claim_paid", Instant.parse("2024-08-20T10:30:00Z"));
  private static final Map<FigureKey, Figures> EXPECTED =
      Map.of(KEY, new Figures(3, new BigDecimal("100.00"), 1));

  private final AnalyticsCheck check = new AnalyticsCheck();

  private static Map<String, String> row() {
    return new HashMap<>(
        Map.of(
            "type", "claim_paid",
            "window_start", "2024-08-20T10:30:00Z",
            "window_end", "2024-08-20T10:30:10.000Z",
            "count", "3",
            "amount_total", "100.00",
            "amount_mean", "33.33",
            "failures", "1",
            "schema_version", "1"));
  }

  private static Map<String, String> row(String field, String value) {
    Map<String, String> row = row();
    row.put(field, value);
    return row;
  }

  @Test
  void findsNoDifferenceInTheRightRow() {
    check.row(row());

    assertThat(check.differences(EXPECTED)).isEmpty();
    assertThat(check.rows()).isEqualTo(1);
    assertThat(check.events()).isEqualTo(3);
  }

  @Test
  void latestRowOfAWindowCounts() {
    check.row(row("count", "2"));
    assertThat(check.differences(EXPECTED)).hasSize(1);

    check.row(row());

    assertThat(check.differences(EXPECTED)).isEmpty();
    assertThat(check.rows()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "count, 4",
    "amount_total, 100.01",
    "amount_mean, 33.34",
    "amount_mean, 33.330",
    "failures, 0",
    "window_end, 2024-08-20T10:30:11Z",
  })
  void findsAWrongFigure(String field, String value) {
    check.row(row(field, value));

    assertThat(check.differences(EXPECTED))
        .singleElement()
        .asString()
        .startsWith("claim_paid@2024-08-20T10:30:00Z: expected ");
  }

  @Test
  void findsAMissingRow() {
    assertThat(check.differences(EXPECTED))
        .containsExactly("claim_paid@2024-08-20T10:30:00Z: not in Redis yet");
  }

  @Test
  void findsAnUnexpectedRow() {
    check.row(row());
    check.row(row("type", "claim_lost"));

    assertThat(check.differences(EXPECTED))
        .containsExactly(
            "claim_lost@2024-08-20T10:30:00Z: in Redis, but no such event was produced");
  }

  @Test
  void namesAFieldThatIsMissing() {
    Map<String, String> row = row();
    row.remove("failures");

    assertThatThrownBy(() -> check.row(row))
        .isInstanceOf(DemoException.class)
        .hasMessageContaining("no field failures");
  }

  @Test
  void namesAFieldThatIsNoNumber() {
    assertThatThrownBy(() -> check.row(row("amount_mean", "AAE=")))
        .isInstanceOf(DemoException.class)
        .hasMessageContaining("amount_mean");
  }
}
