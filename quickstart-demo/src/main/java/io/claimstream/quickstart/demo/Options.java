/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.io.Serial;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The command line of the demo. Uses the JDK alone, no parser library: the launcher runs this
 * source file directly to check the arguments before anything is built or downloaded.
 *
 * @param action the action
 * @param claim with {@link Action#SHOW}: the claim to show; empty = the claim of the latest event
 * @param asOf with {@link Action#SHOW}: the instant whose state to show; empty = now
 * @param events the number of events to produce; empty = until Ctrl-C
 * @param exit whether to exit once all of them are checked
 * @param rate events per second; empty = as fast as Redis accepts them
 * @param ports the servers' ports
 * @param dashboard whether to serve the dashboard
 * @param breaks the things to break, in order
 * @param directory the folder of the run's files; empty = the default
 * @param seed the seed of the generated events
 */
public record Options(
    Action action,
    Optional<String> claim,
    Optional<Instant> asOf,
    OptionalLong events,
    boolean exit,
    OptionalLong rate,
    Ports ports,
    boolean dashboard,
    List<Break> breaks,
    Optional<Path> directory,
    long seed) {

  /** The usage text. */
  public static final String HELP =
      """
      Usage: ./quickstart [--events N [--exit]] [options]
             ./quickstart show [CLAIM] [--as-of INSTANT] [--dir PATH]

      Starts Redis, Kafka, Kafka Connect and a schema registry on this machine, streams claim
      events from Redis to Kafka and their analytics back, and shows live metrics until Ctrl-C.
      Ctrl-C prints a summary; the exit status is 0 unless a check failed.

        show [CLAIM]         print a claim of the running quickstart: its events, its snapshot and
                             the analytics that count them (default: the claim of the
                             latest event)
        --as-of INSTANT      with show: only the state that the claim had then, such as
                             2026-11-30T10:30:00Z

        --events N           produce N events, as fast as Redis accepts them (default:
                             until Ctrl-C)
        --exit               with --events: exit once every event is checked;
                             status 0 only if each arrived exactly once and is in its
                             claim's snapshot, and the analytics match
        --rate R             events per second (default without --events or with --break: 500)
        --break WHAT         break something while events flow, and show the recovery; for
                             several, use --break redis,worker or repeat the option
                               redis     stop Redis for 5 seconds
                               worker    kill the Connect worker and restart it
                               registry  kill the schema registry and restart it after 5 seconds
                               entry     write an entry without claim_id: the source's task fails;
                                         with errors.tolerance=all it is dead-lettered
        --redis-port P       ports of the servers (default: 0, a free port)
        --kafka-port P
        --connect-port P
        --registry-port P
        --dashboard-port P   port of the dashboard
        --dashboard          serve the dashboard (the default)
        --no-dashboard       do not serve the dashboard
        --dir PATH           files of the run, emptied at the start (default: quickstart-demo/target/run)
        --seed S             seed of the generated events (default: 1)
        --version            print the version
        --help               print this help
      """;

  /** System property with the version; set by the launcher. */
  static final String VERSION = "claimstream.version";

  private static final long DEFAULT_RATE = 500;
  private static final long DEFAULT_SEED = 1;
  private static final int MISUSED = 2;
  private static final int ANSWERED = 3;
  private static final Pattern LONG_OPTION = Pattern.compile("(--[a-z-]+)=(.*)", Pattern.DOTALL);

  /** Action that a command line requests. */
  public enum Action {
    /** Starts the servers and streams events. */
    RUN,
    /** Prints a claim of the running quickstart. */
    SHOW,
    /** Prints the help. */
    HELP,
    /** Prints the version. */
    VERSION
  }

  /** Things that the demo can break. */
  public enum Break {
    /** Redis, stopped for a while. */
    REDIS,
    /** The Connect worker, killed. */
    WORKER,
    /** The schema registry, killed for a while. */
    REGISTRY,
    /** An entry that the source cannot decode. */
    ENTRY;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Ports of the servers; 0 takes a free one.
   *
   * @param redis the port of the Redis server
   * @param kafka the port of the broker
   * @param connect the port of the Connect worker's REST API
   * @param registry the port of the schema registry
   * @param dashboard the port of the dashboard
   */
  public record Ports(int redis, int kafka, int connect, int registry, int dashboard) {}

  /** An invalid command line; the message contains the reason in one line. */
  public static final class UsageException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    /** Creates an exception for an invalid command line. */
    public UsageException(String message) {
      super(message);
    }
  }

  /**
   * Checks a command line. Exit status: 0 if a run may start, 2 if it is invalid, 3 if the help or
   * the version was printed.
   */
  public static void main(String[] arguments) {
    try {
      if (parse(arguments).isAnswered()) {
        System.exit(ANSWERED);
      }
    } catch (UsageException e) {
      System.err.println("quickstart: " + e.getMessage());
      System.exit(MISUSED);
    }
  }

  /** Prints the help or the version if requested; returns whether it did. */
  boolean isAnswered() {
    switch (action) {
      case HELP -> System.out.print(HELP);
      case VERSION ->
          System.out.println("Claimstream " + System.getProperty(VERSION, "of unknown version"));
      default -> {
        return false;
      }
    }
    return true;
  }

  /**
   * Parses a command line; {@code --name=value} is the same as {@code --name value}.
   *
   * @throws UsageException if an option is unknown or invalid
   */
  public static Options parse(String... arguments) {
    return new Parser(arguments).parse();
  }

  private static final class Parser {
    private final Iterator<String> words;
    private Action action = Action.RUN;
    private Optional<String> claim = Optional.empty();
    private Optional<Instant> asOf = Optional.empty();
    private OptionalLong events = OptionalLong.empty();
    private OptionalLong rate = OptionalLong.empty();
    private boolean exit;
    private int redis;
    private int kafka;
    private int connect;
    private int registry;
    private int dashboardPort;
    private boolean dashboard = true;
    private final List<Break> breaks = new ArrayList<>();
    private Optional<Path> directory = Optional.empty();
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
      if (exit && events.isEmpty() && action == Action.RUN) {
        throw new UsageException(
            "--exit requires --events N: without it the demo runs until Ctrl-C");
      }
      if (asOf.isPresent() && action == Action.RUN) {
        throw new UsageException("--as-of requires show: ./quickstart show CLAIM --as-of INSTANT");
      }
      if (rate.isEmpty() && (events.isEmpty() || !breaks.isEmpty())) {
        rate = OptionalLong.of(DEFAULT_RATE);
      }
      return new Options(
          action,
          claim,
          asOf,
          events,
          exit,
          rate,
          new Ports(redis, kafka, connect, registry, dashboardPort),
          dashboard,
          List.copyOf(breaks),
          directory,
          seed);
    }

    private void take(String option) {
      switch (option) {
        case "--events" -> events = OptionalLong.of(number(option, 1, Long.MAX_VALUE));
        case "--rate" -> rate = OptionalLong.of(number(option, 1, 1_000_000));
        case "--break" -> addBreaks(option);
        case "--seed" -> seed = number(option, Long.MIN_VALUE, Long.MAX_VALUE);
        case "--redis-port" -> redis = port(option);
        case "--kafka-port" -> kafka = port(option);
        case "--connect-port" -> connect = port(option);
        case "--registry-port" -> registry = port(option);
        case "--dashboard" -> dashboard = true;
        case "--no-dashboard" -> dashboard = false;
        case "--dashboard-port" -> {
          dashboard = true;
          dashboardPort = port(option);
        }
        case "--dir" -> directory = Optional.of(path(option));
        case "--as-of" -> asOf = Optional.of(instant(option));
        case "--exit" -> exit = true;
        case "--help", "-h" -> action = Action.HELP;
        case "--version" -> action = action == Action.HELP ? action : Action.VERSION;
        default -> takeWord(option);
      }
    }

    private void takeWord(String word) {
      if (word.equals("show") && action == Action.RUN) {
        action = Action.SHOW;
      } else if (action == Action.SHOW && claim.isEmpty() && !word.startsWith("-")) {
        claim = Optional.of(word);
      } else {
        throw new UsageException("unknown option " + word + "; see --help");
      }
    }

    private void addBreaks(String option) {
      for (String word : value(option).split(",", -1)) {
        breaks.add(
            Arrays.stream(Break.values())
                .filter(known -> known.toString().equals(word))
                .findFirst()
                .orElseThrow(() -> new UsageException(unknownBreak(option, word))));
      }
    }

    private static String unknownBreak(String option, String word) {
      String known =
          Arrays.stream(Break.values()).map(Break::toString).collect(Collectors.joining(", "));
      return option + " can break " + known + ", not '" + word + "'";
    }

    private String value(String option) {
      if (!words.hasNext()) {
        throw new UsageException(option + " requires a value; see --help");
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
        throw new UsageException(option + " requires a whole number, not '" + value + "'");
      }
      throw new UsageException(
          most == Long.MAX_VALUE
              ? option + " must be at least " + least + ", not " + value
              : option + " must be between " + least + " and " + most + ", not " + value);
    }

    private Instant instant(String option) {
      String value = value(option);
      try {
        return Instant.parse(value);
      } catch (DateTimeParseException e) {
        throw new UsageException(
            option + " requires an instant such as 2026-11-30T10:30:00Z, not '" + value + "'");
      }
    }

    private Path path(String option) {
      String value = value(option);
      if (value.isBlank()) {
        throw new UsageException(option + " requires the path of a directory");
      }
      try {
        return Path.of(value);
      } catch (InvalidPathException e) {
        throw new UsageException(option + " requires a path, not '" + value + "'");
      }
    }
  }
}
