/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import java.util.Collection;
import java.util.Locale;
import org.apache.commons.math3.stat.StatUtils;

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
    double[] values = results.stream().mapToDouble(Double::doubleValue).toArray();
    return new Statistics(
        StatUtils.percentile(values, 50),
        StatUtils.min(values),
        StatUtils.max(values),
        values.length);
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
