/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What is printed in the end, as Markdown. Used by one thread. */
final class SoakTable {
  private static final double MILLIS = 1000.0;
  private static final int KB = 1024;

  private final Map<String, List<Duration>> recoveries = new TreeMap<>();
  private final Map<String, String> totals = new LinkedHashMap<>();
  private final List<WorkerHealth> health = new ArrayList<>();

  /** Notes a fault, and how long it took from its end to the first new entry at the other end. */
  void recovered(String kind, Duration after) {
    recoveries.computeIfAbsent(kind, k -> new ArrayList<>()).add(after);
  }

  /** How many faults there were. */
  int faults() {
    return recoveries.values().stream().mapToInt(List::size).sum();
  }

  /** Notes how the worker is. */
  void health(WorkerHealth now) {
    health.add(now);
  }

  /** Pairs of checkpoints between which the same worker has grown. */
  List<String> growth() {
    List<String> growth = new ArrayList<>();
    for (int later = 1; later < health.size(); later++) {
      WorkerHealth earlier = health.get(later - 1);
      if (health.get(later).hasGrownSince(earlier)) {
        growth.add(earlier + " to " + health.get(later));
      }
    }
    return growth;
  }

  /** Sets one of the figures that are printed below the faults. */
  void total(String name, Object value) {
    totals.put(name, String.valueOf(value));
  }

  /** Writes the table to a file, and returns it. */
  String write(Path file, String title) {
    StringBuilder text = new StringBuilder(title).append("\n\n");
    text.append("| Fault | Times | Recovery, median s | max s |\n|---|---|---|---|\n");
    recoveries.forEach(
        (kind, times) ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "| %s | %d | %.1f | %.1f |%n",
                    kind,
                    times.size(),
                    seconds(median(times)),
                    seconds(Collections.max(times)))));
    text.append(String.format(Locale.ROOT, "| **all** | **%d** | | |%n%n", faults()));
    text.append("| Total | |\n|---|---|\n");
    totals.forEach(
        (name, value) -> text.append("| ").append(name).append(" | ").append(value).append(" |\n"));
    text.append(
        """

        | Worker | up min | live heap MB | RSS MB | threads | sockets |
        |---|---|---|---|---|---|
        """);
    for (int i = 0; i < health.size(); i++) {
      WorkerHealth one = health.get(i);
      text.append(
          String.format(
              Locale.ROOT,
              "| checkpoint %d | %.1f | %.1f | %d | %d | %d |%n",
              i,
              one.age().toSeconds() / 60.0,
              one.heapKb() / (double) KB,
              one.rssKb() / KB,
              one.threads(),
              one.sockets()));
    }
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static Duration median(List<Duration> times) {
    return times.stream().sorted().toList().get(times.size() / 2);
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / MILLIS;
  }
}
