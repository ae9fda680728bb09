/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SeriesTest {

  private static Measurement perSecond(long entries) {
    return new Measurement(entries, 1, 2);
  }

  private static Series series(String name, List<List<Long>> workers) {
    Series series = new Series(name);
    workers.forEach(runs -> series.add(runs.stream().map(SeriesTest::perSecond).toList()));
    return series;
  }

  @Test
  void theFirstRunIsColdAndTheMedianOfTheSecondHalfIsWarm() {
    Series series = series("ours", List.of(List.of(10L, 50L, 90L, 60L), List.of(20L, 10L, 40L)));

    assertThat(series.cold()).isEqualTo(new Statistics(15, 10, 20, 2));
    assertThat(series.warm()).isEqualTo(new Statistics(50, 25, 75, 2));
  }

  @Test
  void aRatioIsMadeOfWorkersThatRanBesideEachOther() {
    // given workers that were all twice as fast in the second round
    Series ours = series("ours", List.of(List.of(1L, 30L), List.of(1L, 60L)));
    Series baseline = series("baseline", List.of(List.of(1L, 60L), List.of(1L, 120L)));

    assertThat(ours.speedOf(baseline)).isEqualTo(new Statistics(0.5, 0.5, 0.5, 2));
    assertThat(ours.cpuOf(baseline)).isEqualTo(new Statistics(2, 2, 2, 2));
  }
}
