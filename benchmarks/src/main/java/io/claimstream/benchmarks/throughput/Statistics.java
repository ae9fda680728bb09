/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;

/**
 * The median and the range of some numbers.
 *
 * @param median the middle one, or the mean of the two middle ones
 * @param least the minimum
 * @param most the maximum
 * @param count the number of values
 */
record Statistics(double median, double least, double most, int count) {

  static Statistics of(Collection<Double> results) {
    double[] sorted = results.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      return new Statistics(Double.NaN, Double.NaN, Double.NaN, 0);
    }
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Statistics(median, sorted[0], sorted[sorted.length - 1], sorted.length);
  }

  /** Returns the value below which that share of the values lies. */
  static double percentile(double[] results, double share) {
    double[] sorted = results.clone();
    Arrays.sort(sorted);
    int index = (int) Math.ceil(share * sorted.length) - 1;
    return sorted[Math.max(0, index)];
  }

  /** Returns median and range in thousands. */
  String thousands() {
    return new Statistics(median / 1e3, least / 1e3, most / 1e3, count).text(0);
  }

  /** Returns median and range with that many decimals; empty without measurements. */
  String text(int decimals) {
    if (Double.isNaN(median)) {
      return "";
    }
    String number = "%." + decimals + "f";
    return String.format(
        Locale.ROOT, number + " (" + number + " to " + number + ")", median, least, most);
  }
}
