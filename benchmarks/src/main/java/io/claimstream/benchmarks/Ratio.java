/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The time ratio of two ways to do the same work, measured alternately over several rounds, so that
 * other load on the machine affects both.
 */
final class Ratio {

  /** Does a fixed amount of work once and returns how long it took. */
  interface Work {
    long nanos();
  }

  private final String name;
  private final String otherName;
  private final int items;
  private final List<Long> times = new ArrayList<>();
  private final List<Long> otherTimes = new ArrayList<>();

  /**
   * Creates a comparison of the named ways.
   *
   * @param items the number of items that each processes per round
   */
  Ratio(String name, String otherName, int items) {
    this.name = name;
    this.otherName = otherName;
    this.items = items;
  }

  /** Measures. The first rounds warm up and do not count; the order alternates. */
  Ratio measure(Work work, Work other, int warmup, int rounds) {
    for (int round = -warmup; round < rounds; round++) {
      boolean isFirst = round % 2 == 0;
      long otherFirst = isFirst ? 0 : other.nanos();
      long time = work.nanos();
      long otherTime = isFirst ? other.nanos() : otherFirst;
      if (round >= 0) {
        times.add(time);
        otherTimes.add(otherTime);
      }
    }
    return this;
  }

  /** Returns a Markdown table of the rounds, and the median of their ratios with the range. */
  String table() {
    StringBuilder table =
        new StringBuilder(
            "| round | %s, thousand/s | %s, thousand/s | time, ratio |%n|---|---|---|---|%n"
                .formatted(name, otherName));
    double[] ratios = new double[times.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = (double) times.get(i) / otherTimes.get(i);
      table.append(
          String.format(
              Locale.ROOT,
              "| %d | %.0f | %.0f | %.2f |%n",
              i + 1,
              thousandsPerSecond(times.get(i)),
              thousandsPerSecond(otherTimes.get(i)),
              ratios[i]));
    }
    Arrays.sort(ratios);
    return table
        .append(
            String.format(
                Locale.ROOT,
                "%s takes %.2f times as long as %s: median of %d rounds, %.2f to %.2f%n",
                name,
                ratios[ratios.length / 2],
                otherName,
                ratios.length,
                ratios[0],
                ratios[ratios.length - 1]))
        .toString();
  }

  private double thousandsPerSecond(long nanos) {
    return items * 1e6 / nanos;
  }
}
