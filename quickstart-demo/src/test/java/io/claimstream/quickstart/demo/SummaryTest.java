/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.quickstart.demo.ArrivalCheck.Arrivals;
import io.claimstream.quickstart.demo.GroupMonitor.Group;
import io.claimstream.quickstart.demo.Latencies.Percentiles;
import io.claimstream.quickstart.demo.SnapshotCheck.Snapshots;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static final Arrivals ALL = new Arrivals(100, 100, 100, 0, 0, 0, List.of());
  private static final Arrivals ON_THE_WAY =
      new Arrivals(100, 97, 97, 0, 0, 0, List.of(new EntryId(9, 0)));

  private static Summary summary(
      boolean interrupted, Arrivals arrivals, OptionalLong coldStart, Percentiles latency) {
    return new Summary(
        interrupted ? OptionalLong.empty() : OptionalLong.of(100),
        interrupted,
        arrivals,
        12,
        List.of(),
        new Snapshots(20, arrivals.arrived()),
        List.of(),
        Optional.of(new Group(OptionalLong.of(0), interrupted ? 3 : 0)),
        List.of(),
        Duration.ofSeconds(2),
        coldStart,
        coldStart.isEmpty() ? coldStart : OptionalLong.of(7_000),
        false,
        latency,
        List.of("claims.events-value"));
  }

  @Test
  void showsTheColdStartSeparatelyFromTheRateOfLaterEvents() {
    Summary summary = summary(false, ALL, OptionalLong.of(4_300), new Percentiles(99, 6, 9));

    assertThat(summary.isGood()).isTrue();
    assertThat(summary.text())
        .containsPattern(
            "cold start +4,300 ms for the first event, analytics back in Redis after 7,000 ms\\R")
        .containsPattern("latency +p50 6 ms, p99 9 ms\\R")
        .containsPattern("events/s +50\\R");
  }

  @Test
  void showsNoZeroWhenNothingArrived() {
    Arrivals nothing = new Arrivals(1, 0, 0, 0, 0, 0, List.of(new EntryId(9, 0)));
    Summary summary = summary(true, nothing, OptionalLong.empty(), new Percentiles(0, 0, 0));

    assertThat(summary.text())
        .containsPattern("cold start +no events arrived\\R")
        .containsPattern("latency +no events after the first\\R")
        .containsPattern("events/s +unknown\\R")
        .doesNotContain("0 ms");
  }

  @Test
  void eventsInFlightAtCtrlCAreNoFault() {
    Summary summary = summary(true, ON_THE_WAY, OptionalLong.of(9), new Percentiles(96, 6, 9));

    assertThat(summary.isGood()).isTrue();
    assertThat(summary.text())
        .containsPattern("in flight +3\\R")
        .contains("stopped by Ctrl-C")
        .doesNotContain("missing", "FAILED");
  }

  @Test
  void aDuplicateIsAFaultAtCtrlCToo() {
    Arrivals twice = new Arrivals(100, 98, 97, 1, 0, 0, List.of());
    Summary summary = summary(true, twice, OptionalLong.of(9), new Percentiles(96, 6, 9));

    assertThat(summary.isGood()).isFalse();
    assertThat(summary.text()).contains("1 duplicate records");
  }

  @Test
  void missingEventsAtTheEndAreAFault() {
    Summary summary = summary(false, ON_THE_WAY, OptionalLong.of(9), new Percentiles(96, 6, 9));

    assertThat(summary.isGood()).isFalse();
    assertThat(summary.text()).contains("3 events missing in the topic, for example [9-0]");
  }
}
