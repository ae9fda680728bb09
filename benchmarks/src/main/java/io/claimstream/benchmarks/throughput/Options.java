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
 * What to measure, and how much of it.
 *
 * @param scenarios names, in the order to run them
 * @param contenders those of the table to measure; empty = all
 * @param entries entries or records of one run
 * @param workers fresh workers per contender
 * @param runs runs in each worker; the first is the cold one
 * @param partitions partitions of the topics
 * @param producer settings of the source's producer
 * @param boundary where its transactions end
 * @param heap largest heap of a worker, as {@code -Xmx} takes it
 * @param seconds length of what is measured over time
 * @param backlog entries of the backlog
 * @param pending entries that are pending at a restart
 * @param out where the figures go
 */
record Options(
    List<String> scenarios,
    List<String> contenders,
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
        table      sources and sinks against the ceilings, in fresh workers in turn
        steps      decoding, encoding and tracking alone, by JMH: time and allocation of each entry
        converters what a converter of the worker costs for each record, by JMH, in both directions
        latency    from XADD to a reader of the topic, at 2,000 entries a second, linger 0, beside Kafka alone
        idle       what a quiet source costs
        heap       a worker with 256 MiB against one with the usual heap
        lanes      1, 2, 4 and 8 lanes on one stream, a task each
        sizes      entries of 100 B to 100 KiB
        pending    a restart with many pending entries
        backlog    memory over a long backlog
        all        all of these
        picture    draws the figures of a former run: picture FIGURES.json PICTURE.svg

      Options
        --contenders A,B  contenders of the table, as it names them (all)
        --entries N       entries of one run (1000000)
        --workers N       fresh workers per contender (5)
        --runs N          runs in each worker, the first of them cold (8)
        --partitions N    partitions of the topics (1)
        --producer NAME   tuned or default (tuned)
        --boundary NAME   poll or interval: where transactions of sources end (poll)
        --heap SIZE       largest heap of a worker (2g)
        --seconds N       length of latency and idle (30)
        --backlog N       entries of the backlog (10000000)
        --pending N       pending entries at the restart (100000)
        --out FILE        where the figures go (benchmarks/target/figures.json)
      """;

  /** All scenarios but the picture. */
  static final List<String> ALL =
      List.of(
          "table",
          "steps",
          "converters",
          "latency",
          "idle",
          "heap",
          "lanes",
          "sizes",
          "pending",
          "backlog");

  /** Settings of the producer of both a source and its ceiling. */
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

  /** Where the transactions of both a source and its ceiling end. */
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
   * Reads a command line.
   *
   * @throws IllegalArgumentException saying what is wrong with it
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
    values.put("--out", "benchmarks/target/figures.json");
    values.put("--contenders", "");
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.startsWith("--")) {
        if (!values.containsKey(argument) || i + 1 == arguments.size()) {
          throw new IllegalArgumentException(argument + " is no option with a value");
        }
        values.put(argument, arguments.get(++i));
      } else if (argument.equals("all")) {
        scenarios.addAll(ALL);
      } else if (ALL.contains(argument)) {
        scenarios.add(argument);
      } else {
        throw new IllegalArgumentException(argument + " is no scenario");
      }
    }
    return new Options(
        scenarios.isEmpty() ? List.of("table") : List.copyOf(scenarios),
        Arrays.stream(text(values, "--contenders").split(",")).filter(n -> !n.isEmpty()).toList(),
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
      // told below
    }
    throw new IllegalArgumentException(name + " is no positive number: " + values.get(name));
  }
}
