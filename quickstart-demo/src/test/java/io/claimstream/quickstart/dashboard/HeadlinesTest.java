/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.quickstart.dashboard.DashboardSources.Latency;
import io.claimstream.quickstart.dashboard.Headlines.Moment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeadlinesTest {

  private static TaskFigures source(String task, Map<String, Double> values) {
    return new TaskFigures("claims-source", task, "claims:events", "claims-processors", values);
  }

  private static TaskFigures sink(Map<String, Double> values) {
    return new TaskFigures("claims-sink", "0", "claims:analytics", "", values);
  }

  @Test
  void whatIsPerSecondComesFromTheRiseOfTheTotals() {
    Moment before =
        new Moment(
            1_000,
            List.of(
                source("0", Map.of("records-produced-total", 100.0)),
                source("1", Map.of("records-produced-total", 10.0)),
                sink(Map.of("records-written-total", 5.0))));
    Moment now =
        new Moment(
            3_000,
            List.of(
                source("0", Map.of("records-produced-total", 300.0)),
                source("1", Map.of("records-produced-total", 20.0)),
                sink(Map.of("records-written-total", 7.0))));

    Headlines headlines = Headlines.of(now, before, Latency.NONE);

    assertThat(headlines.produced()).isEqualTo(105);
    assertThat(headlines.written()).isEqualTo(1);
  }

  @Test
  void aTaskThatRestartedCountsFromZero() {
    Moment before =
        new Moment(1_000, List.of(source("0", Map.of("records-produced-total", 500.0))));
    Moment now = new Moment(2_000, List.of(source("0", Map.of("records-produced-total", 30.0))));

    assertThat(Headlines.of(now, before, Latency.NONE).produced()).isEqualTo(30);
  }

  @Test
  void anUnknownLagOfOneTaskMakesTheSumUnknown() {
    Moment now =
        new Moment(
            1_000,
            List.of(
                source("0", Map.of("group-lag", 7.0, "pending-entries", 1.0)),
                source("1", Map.of("group-lag", Double.NaN, "pending-entries", 2.0))));

    Headlines headlines = Headlines.of(now, now, Latency.NONE);

    assertThat(headlines.lag()).isNaN();
    assertThat(headlines.pending()).isEqualTo(3);
    assertThat(headlines.produced()).as("no moment before").isNaN();
  }

  @Test
  void theErrorRateIsTheShareOfWhatWasHandled() {
    Map<String, Double> zero =
        Map.of("entries-read-total", 0.0, "errors-record-total", 0.0, "errors-outage-total", 0.0);
    Moment before = new Moment(0, List.of(source("0", zero)));

    assertThat(Headlines.of(new Moment(1_000, before.tasks()), before, Latency.NONE).errorShare())
        .isZero();
    assertThat(
            Headlines.of(
                    new Moment(
                        1_000,
                        List.of(
                            source(
                                "0",
                                Map.of("entries-read-total", 200.0, "errors-record-total", 2.0)))),
                    before,
                    Latency.NONE)
                .errorShare())
        .isEqualTo(0.01);
    assertThat(
            Headlines.of(
                    new Moment(1_000, List.of(source("0", Map.of("errors-outage-total", 2.0)))),
                    before,
                    Latency.NONE)
                .errorShare())
        .as("nothing but errors")
        .isEqualTo(1);
  }

  @Test
  void theWorstBreakerAndMemoryCount() {
    Moment now =
        new Moment(
            0,
            List.of(
                source("0", Map.of("breaker-state", 0.0, "redis-memory-ratio", 0.5)),
                sink(Map.of("breaker-state", 2.0, "redis-memory-ratio", 0.5))));

    assertThat(Headlines.of(now, now, Latency.NONE).breaker()).isEqualTo(2);
    assertThat(Headlines.of(now, now, Latency.NONE).memoryRatio()).isEqualTo(0.5);
  }
}
