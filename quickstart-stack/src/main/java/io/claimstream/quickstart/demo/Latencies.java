/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.util.Locale;

/** Latencies of the whole run and of the time since the last look. Safe for use by threads. */
final class Latencies {
  private final Histogram all = new Histogram();
  private Histogram recent = new Histogram();

  /**
   * Half and nearly all of the latencies, in milliseconds.
   *
   * @param p50 half of them are at most that long
   * @param p99 99 of 100 of them are at most that long
   */
  record Percentiles(long p50, long p99) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "p50 %,d ms, p99 %,d ms", p50, p99);
    }
  }

  synchronized void add(long millis) {
    all.add(millis);
    recent.add(millis);
  }

  /** Of the whole run. */
  synchronized Percentiles overall() {
    return all.percentiles();
  }

  /** Since the last call of this method. */
  synchronized Percentiles recent() {
    Percentiles percentiles = recent.percentiles();
    recent = new Histogram();
    return percentiles;
  }

  /** Counts per bucket; a bucket is at most 1/64 of its values wide. */
  private static final class Histogram {
    private static final int SUB_BUCKETS = 64;

    private final long[] counts = new long[SUB_BUCKETS * Long.SIZE];
    private long total;

    void add(long millis) {
      counts[bucket(Math.max(0, millis))]++;
      total++;
    }

    Percentiles percentiles() {
      return new Percentiles(percentile(50), percentile(99));
    }

    private long percentile(int percent) {
      long wanted = (total * percent + 99) / 100;
      long seen = 0;
      for (int bucket = 0; bucket < counts.length; bucket++) {
        seen += counts[bucket];
        if (seen >= wanted && seen > 0) {
          return highest(bucket);
        }
      }
      return 0;
    }

    private static int bucket(long value) {
      int shift = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(value) - 7);
      return shift * SUB_BUCKETS + (int) (value >>> shift);
    }

    private static long highest(int bucket) {
      int shift = Math.max(0, bucket / SUB_BUCKETS - 1);
      long lead = bucket - (long) shift * SUB_BUCKETS;
      return ((lead + 1) << shift) - 1;
    }
  }
}
