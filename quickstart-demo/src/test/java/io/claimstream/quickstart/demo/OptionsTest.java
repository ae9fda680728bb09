/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.quickstart.demo.Options.Action;
import io.claimstream.quickstart.demo.Options.Break;
import java.nio.file.Path;
import java.time.Instant;
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
    assertThat(options.dashboard()).isTrue();
    assertThat(options.breaks()).isEmpty();
    assertThat(options.directory()).isEmpty();
    assertThat(options.action()).isEqualTo(Action.RUN);
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
    assertThat(options.directory()).hasValue(Path.of("some/where"));
    assertThat(options.seed()).isEqualTo(-5);
  }

  @Test
  void servesTheDashboardOnAFreePortUnlessSetOtherwise() {
    assertThat(Options.parse("--dashboard").dashboard()).isTrue();
    assertThat(Options.parse("--dashboard").ports().dashboard()).isZero();
    assertThat(Options.parse("--no-dashboard").dashboard()).isFalse();
  }

  @Test
  void breaksInTheOrderOfTheCommandLineAtTheUsualRate() {
    Options options = Options.parse("--break", "redis,entry", "--break=worker", "--events", "9");

    assertThat(options.breaks()).containsExactly(Break.REDIS, Break.ENTRY, Break.WORKER);
    assertThat(options.rate()).hasValue(500);
  }

  @Test
  void showsTheClaimThatIsNamedOrTheLatest() {
    Options named = Options.parse("show", "CLM-100042", "--dir", "some/where");

    assertThat(named.action()).isEqualTo(Action.SHOW);
    assertThat(named.claim()).hasValue("CLM-100042");
    assertThat(named.directory()).hasValue(Path.of("some/where"));
    assertThat(named.asOf()).isEmpty();
    assertThat(Options.parse("show").claim()).isEmpty();
  }

  @Test
  void showsAClaimAsOfAnInstant() {
    Options options = Options.parse("show", "CLM-1", "--as-of", "2026-11-30T10:30:00.5+01:00");

    assertThat(options.claim()).hasValue("CLM-1");
    assertThat(options.asOf()).hasValue(Instant.parse("2026-11-30T09:30:00.5Z"));
  }

  @Test
  void helpWinsOverVersion() {
    assertThat(Options.parse("--version").action()).isEqualTo(Action.VERSION);
    assertThat(Options.parse("--version", "--help").action()).isEqualTo(Action.HELP);
    assertThat(Options.parse("--help", "--version").action()).isEqualTo(Action.HELP);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "--event, unknown option --event",
        "now, unknown option now",
        "--events, --events requires a value",
        "--events=many, --events requires a whole number",
        "--events=0, --events must be at least 1",
        "--rate=0, --rate must be between 1 and 1000000",
        "--redis-port=65536, --redis-port must be between 0 and 65535",
        "--dir=, --dir requires the path",
        "--exit, --exit requires --events N",
        "--as-of=noon, --as-of requires an instant such as 2026-11-30T10:30:00Z, not 'noon'",
        "--as-of=2026-11-30T10:30:00Z, --as-of requires show",
        "\"--break=redis,kafka\", \"--break can break redis, worker, registry, entry, not"
            + " 'kafka'\"",
        "--break=, \"--break can break redis, worker, registry, entry, not ''\"",
      })
  void namesTheWrongOption(String argument, String message) {
    assertThatThrownBy(() -> Options.parse(argument))
        .isInstanceOf(Options.UsageException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void helpNamesEveryOption() {
    assertThat(Options.HELP)
        .contains("--events", "--exit", "--rate", "--dir", "--as-of", "--seed", "--help")
        .contains("--redis-port", "--kafka-port", "--connect-port", "--registry-port")
        .contains("--dashboard", "--no-dashboard", "--dashboard-port", "--break", "--version");
    assertThat(Options.parse("--help").action()).isEqualTo(Action.HELP);
  }
}
