/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The measurements to make and their size. Implemented by picocli. */
@Command(
    name = "benchmarks/run",
    abbreviateSynopsis = true,
    showDefaultValues = true,
    parameterListHeading = "%n",
    optionListHeading = "%nOptions%n",
    footer =
        "%nbenchmarks/run picture RESULTS.json PICTURE.svg draws the results of an earlier run.")
interface Options {
  String ALL_CANDIDATES = "all";

  @Parameters(paramLabel = "SCENARIO", defaultValue = "table", description = "what to measure")
  List<Scenario> scenarios();

  @Option(
      names = "--candidates",
      split = ",",
      defaultValue = ALL_CANDIDATES,
      description =
          "candidates of the table, by their names in it, with commas; raw for Redis alone")
  List<String> candidates();

  @Option(names = "--entries", defaultValue = "1000000", description = "entries of one run")
  int entries();

  @Option(names = "--workers", defaultValue = "5", description = "fresh workers per candidate")
  int workers();

  @Option(
      names = "--runs",
      defaultValue = "8",
      description = "runs in a worker: the first is cold, the second half is warm")
  int runs();

  @Option(names = "--partitions", defaultValue = "1", description = "partitions of the topics")
  int partitions();

  @Option(names = "--producer", defaultValue = "tuned", description = "tuned or default")
  Producer producer();

  @Option(
      names = "--boundary",
      defaultValue = "poll",
      description = "poll, interval or connector: transaction boundary of sources")
  Boundary boundary();

  @Option(
      names = "--txn-backoff",
      defaultValue = "20",
      description = "the broker's add.partitions.to.txn.retry.backoff.ms")
  int transactionBackoff();

  @Option(names = "--heap", defaultValue = "2g", description = "a worker's maximum, as for -Xmx")
  String heap();

  @Option(names = "--seconds", defaultValue = "30", description = "duration of latency and idle")
  int seconds();

  @Option(names = "--backlog", defaultValue = "10000000", description = "entries of the backlog")
  int backlog();

  @Option(
      names = "--other-plugin",
      paramLabel = "FOLDER",
      description = "another connector, for the table: its folder of a plugin path")
  Optional<Path> otherPlugin();

  @Option(
      names = "--other-source",
      paramLabel = "FILE",
      description = {
        "the other source's settings as a JSON object; placeholders: {{redis.uri}}, {{stream}},"
            + " {{group}}, {{topic}}, {{name}}. Producer, converter and tasks are those of the"
            + " other candidates unless it sets them"
      })
  Optional<Path> otherSource();

  @Option(
      names = "--other-sink",
      paramLabel = "FILE",
      description =
          "the other sink's settings; placeholders: {{redis.uri}}, {{stream}}, {{name}}. Topics,"
              + " consumer, converter and tasks are those of the other candidates")
  Optional<Path> otherSink();

  @Option(
      names = "--pending",
      defaultValue = "100000",
      description = "pending entries at the restart")
  int pending();

  @Option(
      names = "--out",
      defaultValue = "benchmarks/target/results.json",
      description = "file for the results")
  Path out();

  @Option(names = "--help", usageHelp = true, description = "print this help")
  boolean help();

  /** Producer settings of the source and of its baseline. */
  enum Producer {
    TUNED {
      @Override
      Map<String, String> overrides() {
        return Map.of(
            "producer.override.batch.size", "524288",
            "producer.override.linger.ms", "10",
            "producer.override.compression.type", "lz4");
      }
    },
    DEFAULT {
      @Override
      Map<String, String> overrides() {
        return Map.of();
      }
    };

    abstract Map<String, String> overrides();
  }

  /** Transaction boundaries of the source and of its baseline. */
  enum Boundary {
    POLL {
      @Override
      Map<String, String> settings() {
        return Map.of("transaction.boundary", "poll");
      }
    },
    INTERVAL {
      @Override
      Map<String, String> settings() {
        return Map.of(
            "transaction.boundary", "interval", "transaction.boundary.interval.ms", "200");
      }
    },
    CONNECTOR {
      @Override
      Map<String, String> settings() {
        return Map.of("transaction.boundary", "connector");
      }
    };

    abstract Map<String, String> settings();
  }

  /** Returns the parser, whose command is these options. */
  static CommandLine commandLine() {
    CommandLine commandLine =
        new CommandLine(Options.class)
            .setCaseInsensitiveEnumValuesAllowed(true)
            // otherwise picocli reports the value of a misspelt option as a wrong scenario
            .setUnmatchedOptionsArePositionalParams(true)
            .setUsageHelpWidth(100)
            .registerConverter(int.class, Options::positive);
    commandLine
        .getCommandSpec()
        .usageMessage()
        .description(
            Stream.concat(
                    Stream.of("", "Scenarios"),
                    Arrays.stream(Scenario.values())
                        .map(each -> "  %-11s%s".formatted(each, each.description())))
                .toArray(String[]::new));
    return commandLine;
  }

  private static int positive(String value) {
    if (!value.matches("[1-9][0-9]{0,8}")) {
      throw new TypeConversionException("'" + value + "' is not a positive number");
    }
    return Integer.parseInt(value);
  }
}
