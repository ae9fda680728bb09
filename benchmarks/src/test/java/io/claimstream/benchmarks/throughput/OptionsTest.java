/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {

  @Test
  void withoutArgumentsTheTableIsMeasuredInFull() {
    Options options = Options.parse(List.of());

    assertThat(options.scenarios()).containsExactly("table");
    assertThat(options.entries()).isEqualTo(1_000_000);
    assertThat(options.workers()).isEqualTo(5);
    assertThat(options.runs()).isEqualTo(8);
  }

  @Test
  void scenariosAndOptionsAreTakenInAnyOrder() {
    Options options =
        Options.parse(List.of("--entries", "1000", "idle", "--producer", "default", "consumers"));

    assertThat(options.scenarios()).containsExactly("idle", "consumers");
    assertThat(options.entries()).isEqualTo(1_000);
    assertThat(options.producer().overrides()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"--entires,5", "--entries,none", "--entries,0", "throughput,idle", "idle,--runs"})
  void whatIsNoOptionIsNamed(String first, String second) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Options.parse(List.of(first, second)))
        .withMessageMatching(".*(--entires|--entries|throughput|--runs).*");
  }
}
