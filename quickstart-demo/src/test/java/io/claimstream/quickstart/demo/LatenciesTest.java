/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatenciesTest {
  private final Latencies latencies = new Latencies();

  @Test
  void theFirstEventIsTheColdStartAndCountsNowhereElse() {
    Latencies.Window window = latencies.window();

    latencies.add(4_300);
    latencies.add(6);
    latencies.add(8);

    assertThat(latencies.coldStart()).hasValue(4_300);
    assertThat(latencies.overall()).isEqualTo(new Latencies.Percentiles(2, 6, 8));
    assertThat(window.next()).isEqualTo(new Latencies.Percentiles(2, 6, 8));
  }

  @Test
  void whereNothingCameTheLatencyIsUnknownAndNotZero() {
    Latencies.Window window = latencies.window();
    latencies.add(4_300);

    assertThat(latencies.overall().isEmpty()).isTrue();
    assertThat(window.next().isEmpty()).isTrue();
    assertThat(window.next()).hasToString("latency unknown");
  }

  @Test
  void eachWindowHasWhatCameSinceItsOwnLastLook() {
    Latencies.Window often = latencies.window();
    Latencies.Window seldom = latencies.window();
    latencies.add(1);

    latencies.add(10);
    assertThat(often.next().count()).isEqualTo(1);
    latencies.add(20);

    assertThat(often.next()).isEqualTo(new Latencies.Percentiles(1, 20, 20));
    assertThat(seldom.next()).isEqualTo(new Latencies.Percentiles(2, 10, 20));
  }
}
