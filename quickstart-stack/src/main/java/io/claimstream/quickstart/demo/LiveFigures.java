/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.quickstart.demo.ArrivalCheck.Arrivals;
import io.claimstream.quickstart.demo.GroupMonitor.Group;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** The live line: every second on a terminal, every few seconds elsewhere. Used by one thread. */
final class LiveFigures {
  private static final Duration TERMINAL_PERIOD = Duration.ofSeconds(1);
  private static final Duration PLAIN_PERIOD = Duration.ofSeconds(5);

  private final Terminal terminal;
  private final Evidence evidence;
  private final long periodNanos;
  private long shownAt;
  private long producedThen;

  LiveFigures(Terminal terminal, Evidence evidence, long nowNanos) {
    this.terminal = terminal;
    this.evidence = evidence;
    this.periodNanos = (terminal.isInteractive() ? TERMINAL_PERIOD : PLAIN_PERIOD).toNanos();
    this.shownAt = nowNanos;
  }

  /** Writes the line if it is time to. */
  void show(Optional<Group> group, long nowNanos) {
    if (nowNanos - shownAt < periodNanos) {
      return;
    }
    Arrivals arrivals = evidence.arrivals().arrivals();
    double seconds = (nowNanos - shownAt) / 1e9;
    terminal.live(
        String.format(
            Locale.ROOT,
            "in %,d (%,.0f/s) | topic %,d | back %,d rows of %,d events | group %s | %s",
            arrivals.produced(),
            (arrivals.produced() - producedThen) / seconds,
            arrivals.records(),
            evidence.analytics().rows(),
            evidence.analytics().events(),
            group.map(Group::toString).orElse("not there yet"),
            evidence.latencies().recent()));
    shownAt = nowNanos;
    producedThen = arrivals.produced();
  }
}
