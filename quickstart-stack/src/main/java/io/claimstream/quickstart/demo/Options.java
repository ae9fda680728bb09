/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The command line of the demo.
 *
 * @param events how many events to produce; empty = until Ctrl-C
 * @param exit whether to end once all of them are checked
 * @param rate events per second; empty = as fast as Redis takes them
 * @param ports where the servers listen
 * @param dashboard whether to serve the page with live charts
 * @param directory where the run keeps its files; null = the default
 * @param seed of the generated events
 * @param help whether only the help is wanted
 */
public record Options(
    OptionalLong events,
    boolean exit,
    OptionalLong rate,
    Ports ports,
    boolean dashboard,
    @Nullable Path directory,
    long seed,
    boolean help) {

  /** How to call the demo. */
  public static final String HELP =
      """
      Usage: ./quickstart [--events N [--exit]] [options]

      Starts Redis, Kafka, Kafka Connect and a schema registry on this machine, streams claim
      events from Redis to Kafka and their analytics back, and shows live figures until Ctrl-C.

        --events N           produce N events, as fast as Redis takes them (default: without end)
        --exit               with --events: end once every event is checked;
                             status 0 only if each arrived exactly once, is in its claim's
                             snapshot, and the analytics came back
        --rate R             events per second (default without --events: 500)
        --redis-port P       ports of the servers; 0, the default, takes a free one
        --kafka-port P
        --connect-port P
        --registry-port P
        --dashboard          serve a page with live charts of the connectors' metrics
        --dashboard-port P   the same, on this port
        --dir PATH           files of the run, emptied at the start (default: quickstart-stack/target/run)
        --seed S             seed of the generated events (default: 1)
        --help               this text
      """;

  private static final long DEFAULT_RATE = 500;
  private static final long DEFAULT_SEED = 1;
  private static final Pattern LONG_OPTION = Pattern.compile("(--[a-z-]+)=(.*)", Pattern.DOTALL);

  /**
   * Ports of the servers; 0 takes a free one.
   *
   * @param redis of the Redis server
   * @param kafka of the broker
   * @param connect of the Connect worker's REST API
   * @param registry of the schema registry
   * @param dashboard of the page with live charts
   */
  public record Ports(int redis, int kafka, int connect, int registry, int dashboard) {}

  /**
   * Reads a command line; {@code --name=value} is the same as {@code --name value}.
   *
   * @throws UsageException if an option is unknown or wrong
   */
  public static Options parse(String... arguments) {
    return new Parser(arguments).parse();
  }

  private static final class Parser {
    private final Iterator<String> words;
    private OptionalLong events = OptionalLong.empty();
    private OptionalLong rate = OptionalLong.empty();
    private boolean exit;
    private boolean help;
    private int redis;
    private int kafka;
    private int connect;
    private int registry;
    private int dashboardPort;
    private boolean dashboard;
    private @Nullable Path directory;
    private long seed = DEFAULT_SEED;

    Parser(String[] arguments) {
      words = Arrays.stream(arguments).flatMap(word -> split(word).stream()).iterator();
    }

    private static List<String> split(String word) {
      var option = LONG_OPTION.matcher(word);
      return option.matches() ? List.of(option.group(1), option.group(2)) : List.of(word);
    }

    Options parse() {
      while (words.hasNext()) {
        take(words.next());
      }
      if (exit && events.isEmpty() && !help) {
        throw new UsageException("--exit needs --events N: without it the demo has no end");
      }
      if (events.isEmpty() && rate.isEmpty()) {
        rate = OptionalLong.of(DEFAULT_RATE);
      }
      return new Options(
          events,
          exit,
          rate,
          new Ports(redis, kafka, connect, registry, dashboardPort),
          dashboard,
          directory,
          seed,
          help);
    }

    private void take(String option) {
      switch (option) {
        case "--events" -> events = OptionalLong.of(number(option, 1, Long.MAX_VALUE));
        case "--rate" -> rate = OptionalLong.of(number(option, 1, 1_000_000));
        case "--seed" -> seed = number(option, Long.MIN_VALUE, Long.MAX_VALUE);
        case "--redis-port" -> redis = port(option);
        case "--kafka-port" -> kafka = port(option);
        case "--connect-port" -> connect = port(option);
        case "--registry-port" -> registry = port(option);
        case "--dashboard" -> dashboard = true;
        case "--dashboard-port" -> {
          dashboard = true;
          dashboardPort = port(option);
        }
        case "--dir" -> directory = path(option);
        case "--exit" -> exit = true;
        case "--help", "-h" -> help = true;
        default -> throw new UsageException("unknown option " + option + "; see --help");
      }
    }

    private String value(String option) {
      if (!words.hasNext()) {
        throw new UsageException(option + " needs a value; see --help");
      }
      return words.next();
    }

    private int port(String option) {
      return (int) number(option, 0, 65_535);
    }

    private long number(String option, long least, long most) {
      String value = value(option);
      try {
        long number = Long.parseLong(value);
        if (number >= least && number <= most) {
          return number;
        }
      } catch (NumberFormatException e) {
        throw new UsageException(option + " needs a whole number, not '" + value + "'");
      }
      throw new UsageException(
          most == Long.MAX_VALUE
              ? option + " must be at least " + least + ", not " + value
              : option + " must be from " + least + " to " + most + ", not " + value);
    }

    private Path path(String option) {
      String value = value(option);
      if (value.isBlank()) {
        throw new UsageException(option + " needs the path of a directory");
      }
      try {
        return Path.of(value);
      } catch (InvalidPathException e) {
        throw new UsageException(option + " needs a path, not '" + value + "'");
      }
    }
  }
}
