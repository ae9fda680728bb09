/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {

  @Test
  void runsWithoutEndAtTheUsualRateByDefault() {
    Options options = Options.parse();

    assertThat(options.events()).isEmpty();
    assertThat(options.exit()).isFalse();
    assertThat(options.rate()).hasValue(500);
    assertThat(options.ports()).isEqualTo(new Options.Ports(0, 0, 0, 0, 0));
    assertThat(options.dashboard()).isFalse();
    assertThat(options.directory()).isNull();
    assertThat(options.help()).isFalse();
  }

  @Test
  void hasNoRateWithANumberOfEvents() {
    Options options = Options.parse("--events", "1000", "--exit");

    assertThat(options.events()).hasValue(1000);
    assertThat(options.exit()).isTrue();
    assertThat(options.rate()).isEmpty();
  }

  @Test
  void takesEveryOptionInBothSpellings() {
    Options options =
        Options.parse(
            "--events=7",
            "--rate",
            "20",
            "--redis-port=1",
            "--kafka-port",
            "2",
            "--connect-port=3",
            "--registry-port",
            "4",
            "--dashboard-port=5",
            "--dir=some/where",
            "--seed",
            "-5");

    assertThat(options.events()).hasValue(7);
    assertThat(options.rate()).hasValue(20);
    assertThat(options.ports()).isEqualTo(new Options.Ports(1, 2, 3, 4, 5));
    assertThat(options.dashboard()).isTrue();
    assertThat(options.directory()).isEqualTo(Path.of("some/where"));
    assertThat(options.seed()).isEqualTo(-5);
  }

  @Test
  void servesTheDashboardOnAFreePortUnlessToldOtherwise() {
    Options options = Options.parse("--dashboard");

    assertThat(options.dashboard()).isTrue();
    assertThat(options.ports().dashboard()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "--event, unknown option --event",
        "now, unknown option now",
        "--events, --events needs a value",
        "--events=many, --events needs a whole number",
        "--events=0, --events must be at least 1",
        "--rate=0, --rate must be from 1 to 1000000",
        "--redis-port=65536, --redis-port must be from 0 to 65535",
        "--dir=, --dir needs the path",
        "--exit, --exit needs --events N",
      })
  void namesTheWrongOption(String argument, String message) {
    assertThatThrownBy(() -> Options.parse(argument))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void helpNamesEveryOption() {
    assertThat(Options.HELP)
        .contains("--events", "--exit", "--rate", "--dir", "--seed", "--help")
        .contains("--redis-port", "--kafka-port", "--connect-port", "--registry-port")
        .contains("--dashboard", "--dashboard-port");
    assertThat(Options.parse("--help").help()).isTrue();
  }
}
