/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The measurements to make and their size.
 *
 * @param scenarios the scenarios, in the order to run them
 * @param candidates the candidates of the table to measure; empty = all
 * @param entries the entries or records of one run
 * @param workers the number of fresh workers per candidate
 * @param runs the number of runs in each worker; the first one is cold
 * @param partitions the number of partitions of the topics
 * @param producer the settings of the source's producer
 * @param boundary the transaction boundary of the source
 * @param heap the maximum heap of a worker, in the format of {@code -Xmx}
 * @param seconds the duration of scenarios that run for a fixed time
 * @param backlog the entries of the backlog
 * @param pending the entries that are pending at a restart
 * @param out the file for the results
 */
record Options(
    List<String> scenarios,
    List<String> candidates,
    long entries,
    int workers,
    int runs,
    int partitions,
    Producer producer,
    Boundary boundary,
    String heap,
    int seconds,
    long backlog,
    int pending,
    Path out) {

  static final String USAGE =
      """
      benchmarks/run [SCENARIO ...] [--OPTION VALUE ...]

      Scenarios (default: table)
        table      sources and sinks against the baselines, alternately in fresh workers
        steps      decoding, encoding and tracking alone, by JMH: time and allocation per entry
        converters the cost of a worker's converter per record, by JMH, in both directions
        latency    from XADD to a reader of the topic at 2,000 entries/s, linger 0; and Kafka alone
        idle       the cost of an idle source
        heap       a worker with 256 MiB of heap against one with the usual heap
        consumers  1, 2, 4 and 8 consumers on one stream, one task each
        sizes      entries of 100 B to 100 KiB
        pending    a restart with many pending entries
        backlog    memory while a long backlog is processed
        all        all of these
        picture    draws the results of an earlier run: picture RESULTS.json PICTURE.svg

      Options
        --candidates A,B  candidates of the table, by their names in it (all)
        --entries N       entries of one run (1000000)
        --workers N       fresh workers per candidate (5)
        --runs N          runs in each worker, of which the first is cold (8)
        --partitions N    partitions of the topics (1)
        --producer NAME   tuned or default (tuned)
        --boundary NAME   poll or interval: transaction boundary of sources (poll)
        --heap SIZE       maximum heap of a worker (2g)
        --seconds N       duration of latency and idle (30)
        --backlog N       entries of the backlog (10000000)
        --pending N       pending entries at the restart (100000)
        --out FILE        file for the results (benchmarks/target/results.json)
      """;

  /** All scenarios except the picture. */
  static final List<String> ALL =
      List.of(
          "table",
          "steps",
          "converters",
          "latency",
          "idle",
          "heap",
          "consumers",
          "sizes",
          "pending",
          "backlog");

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
    };

    abstract Map<String, String> settings();
  }

  /**
   * Parses a command line.
   *
   * @throws IllegalArgumentException with the reason if it is invalid
   */
  static Options parse(List<String> arguments) {
    List<String> scenarios = new ArrayList<>();
    Map<String, String> values =
        new HashMap<>(
            Map.of(
                "--entries", "1000000",
                "--workers", "5",
                "--runs", "8",
                "--partitions", "1",
                "--producer", "tuned",
                "--boundary", "poll",
                "--heap", "2g",
                "--seconds", "30",
                "--backlog", "10000000",
                "--pending", "100000"));
    values.put("--out", "benchmarks/target/results.json");
    values.put("--candidates", "");
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.startsWith("--")) {
        if (!values.containsKey(argument) || i + 1 == arguments.size()) {
          throw new IllegalArgumentException(argument + " is not an option with a value");
        }
        values.put(argument, arguments.get(++i));
      } else if (argument.equals("all")) {
        scenarios.addAll(ALL);
      } else if (ALL.contains(argument)) {
        scenarios.add(argument);
      } else {
        throw new IllegalArgumentException(argument + " is not a scenario");
      }
    }
    return new Options(
        scenarios.isEmpty() ? List.of("table") : List.copyOf(scenarios),
        Arrays.stream(text(values, "--candidates").split(",")).filter(n -> !n.isEmpty()).toList(),
        number(values, "--entries"),
        (int) number(values, "--workers"),
        (int) number(values, "--runs"),
        (int) number(values, "--partitions"),
        Producer.valueOf(text(values, "--producer").toUpperCase(Locale.ROOT)),
        Boundary.valueOf(text(values, "--boundary").toUpperCase(Locale.ROOT)),
        text(values, "--heap"),
        (int) number(values, "--seconds"),
        number(values, "--backlog"),
        (int) number(values, "--pending"),
        Path.of(text(values, "--out")));
  }

  private static String text(Map<String, String> values, String name) {
    return String.valueOf(values.get(name));
  }

  private static long number(Map<String, String> values, String name) {
    try {
      long number = Long.parseLong(text(values, name));
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw new IllegalArgumentException(name + " is not a positive number: " + values.get(name));
  }
}
