/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import static org.assertj.core.api.Assertions.assertThat;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class LatencyTest {

  @Test
  void aPercentileIsAFigureThatWasMeasured() {
    long[] sent = new long[7];
    long[] arrived = {9_000_000, 9_000_000, 5_000_000, 1_000_000, 4_000_000, 2_000_000, 3_000_000};

    Histogram micros = Latency.micros(sent, arrived, 2);

    assertThat(micros.getValueAtPercentile(50)).isEqualTo(3_000);
    assertThat(micros.getValueAtPercentile(99)).isEqualTo(5_000);
    assertThat(micros.getValueAtPercentile(0)).isEqualTo(1_000);
  }
}
