/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.quickstart.demo.ArrivalCheck.Arrivals;
import io.claimstream.quickstart.demo.GroupMonitor.Group;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The status line: every second on a terminal, every few seconds elsewhere. Used by one thread. */
final class LiveFigures {
  private static final Duration TERMINAL_PERIOD = Duration.ofSeconds(1);
  private static final Duration PLAIN_PERIOD = Duration.ofSeconds(5);

  private final Terminal terminal;
  private final Evidence evidence;
  private final Latencies.Window latencies;
  private final long periodNanos;
  private long shownAt;
  private long producedThen;

  LiveFigures(Terminal terminal, Evidence evidence, long nowNanos) {
    this.terminal = terminal;
    this.evidence = evidence;
    this.latencies = evidence.latencies().window();
    this.periodNanos = (terminal.isInteractive() ? TERMINAL_PERIOD : PLAIN_PERIOD).toNanos();
    this.shownAt = nowNanos;
  }

  /**
   * Writes the line if it is due.
   *
   * @param alert the current problem; null if there is none
   */
  void show(Optional<Group> group, @Nullable String alert, long nowNanos) {
    if (nowNanos - shownAt < periodNanos) {
      return;
    }
    Arrivals arrivals = evidence.arrivals().arrivals();
    double seconds = (nowNanos - shownAt) / 1e9;
    List<String> parts = new ArrayList<>();
    if (evidence.latencies().coldStart().isEmpty()) {
      parts.add("waiting for the first event");
    } else {
      double rate = (arrivals.produced() - producedThen) / seconds;
      parts.add(String.format(Locale.ROOT, "written %,d (%,.0f/s)", arrivals.produced(), rate));
      parts.add(String.format(Locale.ROOT, "in Kafka %,d", arrivals.records()));
      Latencies.Percentiles recent = latencies.next();
      parts.add(recent.isEmpty() ? "no new records" : recent.toString());
      parts.add(group.map(Group::toString).orElse("group unknown"));
      parts.add(
          String.format(
              Locale.ROOT,
              "analytics in Redis %,d (of %,d events)",
              evidence.analytics().rows(),
              evidence.analytics().events()));
    }
    terminal.live(alert, parts);
    shownAt = nowNanos;
    producedThen = arrivals.produced();
  }
}
