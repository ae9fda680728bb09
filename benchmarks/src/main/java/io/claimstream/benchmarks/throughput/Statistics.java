/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;

/**
 * The middle of some figures and how far they are apart.
 *
 * @param median the middle one, or the mean of the two in the middle
 * @param least the smallest
 * @param most the largest
 * @param count how many there are
 */
record Statistics(double median, double least, double most, int count) {

  static Statistics of(Collection<Double> figures) {
    double[] sorted = figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      return new Statistics(Double.NaN, Double.NaN, Double.NaN, 0);
    }
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Statistics(median, sorted[0], sorted[sorted.length - 1], sorted.length);
  }

  /** The figure below which that share of them lies. */
  static double percentile(double[] figures, double share) {
    double[] sorted = figures.clone();
    Arrays.sort(sorted);
    int index = (int) Math.ceil(share * sorted.length) - 1;
    return sorted[Math.max(0, index)];
  }

  /** Median and range in thousands. */
  String thousands() {
    return new Statistics(median / 1e3, least / 1e3, most / 1e3, count).text(0);
  }

  /** Median and range, with that many decimals; nothing where nothing was measured. */
  String text(int decimals) {
    if (Double.isNaN(median)) {
      return "";
    }
    String number = "%." + decimals + "f";
    return String.format(
        Locale.ROOT, number + " (" + number + " to " + number + ")", median, least, most);
  }
}
