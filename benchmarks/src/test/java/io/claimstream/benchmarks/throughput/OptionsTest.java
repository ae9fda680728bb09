/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class OptionsTest {

  private static Options parse(String... arguments) {
    CommandLine commandLine = Options.commandLine();
    commandLine.parseArgs(arguments);
    return commandLine.getCommand();
  }

  @Test
  void withoutArgumentsTheTableIsMeasuredInFull() {
    Options options = parse();

    assertThat(options.scenarios()).containsExactly(Scenario.TABLE);
    assertThat(options.entries()).isEqualTo(1_000_000);
    assertThat(options.workers()).isEqualTo(5);
    assertThat(options.runs()).isEqualTo(8);
  }

  @Test
  void scenariosAndOptionsAreTakenInAnyOrder() {
    Options options = parse("--entries", "1000", "idle", "--producer", "default", "consumers");

    assertThat(options.scenarios()).containsExactly(Scenario.IDLE, Scenario.CONSUMERS);
    assertThat(options.entries()).isEqualTo(1_000);
    assertThat(options.producer().overrides()).isEmpty();
  }

  @Test
  void anotherConnectorIsComparedOnlyIfItIsGiven() {
    assertThat(parse().otherPlugin()).isEmpty();
    assertThat(parse("--other-source", "other.json").otherSource()).contains(Path.of("other.json"));
  }

  @Test
  void theBoundaryOfSourcesAndTheBrokersBackoffAreOptions() {
    Options options = parse("latency", "--boundary", "connector", "--txn-backoff", "1");

    assertThat(options.boundary().settings())
        .containsExactly(Map.entry("transaction.boundary", "connector"));
    assertThat(options.transactionBackoff()).isOne();
    assertThat(parse().transactionBackoff()).isEqualTo(20);
  }

  @ParameterizedTest
  @CsvSource({"--entires,5", "--entries,none", "--entries,0", "throughput,idle", "idle,--runs"})
  void whatIsNoOptionIsNamed(String first, String second) {
    assertThatExceptionOfType(ParameterException.class)
        .isThrownBy(() -> parse(first, second))
        .withMessageMatching(".*(--entires|--entries|throughput|--runs).*");
  }
}
