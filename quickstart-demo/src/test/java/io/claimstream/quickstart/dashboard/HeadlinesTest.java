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

  private static Moment moment(long time, List<TaskFigures> tasks) {
    return new Moment(time, tasks, Map.of());
  }

  @Test
  void whatIsPerSecondComesFromTheRiseOfTheTotals() {
    Moment before =
        moment(
            1_000,
            List.of(
                source("0", Map.of("records-produced-total", 100.0)),
                source("1", Map.of("records-produced-total", 10.0)),
                sink(Map.of("records-written-total", 5.0))));
    Moment now =
        moment(
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
    Moment before = moment(1_000, List.of(source("0", Map.of("records-produced-total", 500.0))));
    Moment now = moment(2_000, List.of(source("0", Map.of("records-produced-total", 30.0))));

    assertThat(Headlines.of(now, before, Latency.NONE).produced()).isEqualTo(30);
  }

  @Test
  void anUnknownLagOfOneTaskMakesTheSumUnknown() {
    Moment now =
        moment(
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
    Moment before = moment(0, List.of(source("0", zero)));

    assertThat(Headlines.of(moment(1_000, before.tasks()), before, Latency.NONE).errorShare())
        .isZero();
    assertThat(
            Headlines.of(
                    moment(
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
                    moment(1_000, List.of(source("0", Map.of("errors-outage-total", 2.0)))),
                    before,
                    Latency.NONE)
                .errorShare())
        .as("nothing but errors")
        .isEqualTo(1);
  }

  @Test
  void theWorstBreakerAndMemoryCount() {
    Moment now =
        moment(
            0,
            List.of(
                source("0", Map.of("breaker-state", 0.0, "redis-memory-ratio", 0.5)),
                sink(Map.of("breaker-state", 2.0, "redis-memory-ratio", 0.5))));

    assertThat(Headlines.of(now, now, Latency.NONE).breaker()).isEqualTo(2);
    assertThat(Headlines.of(now, now, Latency.NONE).memoryRatio()).isEqualTo(0.5);
  }

  @Test
  void deadLettersAreThoseOfTheConnectorsAndOfConnectEachOnce() {
    List<TaskFigures> tasks =
        List.of(
            source("0", Map.of("dead-letters-total", 4.0)),
            sink(Map.of("dead-letters-total", 2.0)));
    // two of the sink itself and one of its converter; another sink has had nothing but those
    Map<TaskName, Double> queued =
        Map.of(
            new TaskName("claims-source", "0"),
            0.0,
            new TaskName("claims-sink", "0"),
            3.0,
            new TaskName("claims-snapshots-sink", "0"),
            10.0);
    Moment now = new Moment(0, tasks, queued);

    assertThat(Headlines.of(now, now, Latency.NONE).deadLetters()).isEqualTo(17);
    // without a dead letter queue
    Moment none = moment(0, tasks);
    assertThat(Headlines.of(none, none, Latency.NONE).deadLetters()).isEqualTo(6);
  }
}
