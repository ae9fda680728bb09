/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.stack.StackException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * The demo's command: see {@link Options#HELP}. Exit status: 0; 1 if a check failed; 2 for invalid
 * arguments; 130 if Ctrl-C was pressed before there was anything to summarize or before {@code
 * --events} were checked.
 */
public final class Quickstart {
  /** System property with the root of the checkout; set by the launcher. */
  public static final String HOME = "claimstream.home";

  private static final String LOG = "quickstart.log";
  private static final int GOOD = 0;
  private static final int FAILED = 1;
  private static final int MISUSED = 2;

  /* As a shell says of a program that SIGINT has ended. */
  private static final int INTERRUPTED = 130;

  private Quickstart() {}

  /** Runs the demo and ends the JVM. */
  public static void main(String[] arguments) {
    Options options;
    try {
      options = Options.parse(arguments);
    } catch (Options.UsageException e) {
      System.err.println("quickstart: " + e.getMessage());
      System.exit(MISUSED);
      return;
    }
    if (options.isAnswered()) {
      return;
    }
    if (options.action() == Options.Action.SHOW) {
      System.exit(show(options));
    }
    Interruption interruption = Interruption.ofThisThread();
    int status = FAILED;
    try {
      status = run(options, interruption);
    } finally {
      interruption.closed(status);
    }
    // after Ctrl-C the JVM is ending already, and exit() would wait for itself
    if (!interruption.happened()) {
      System.exit(status);
    }
  }

  private static int show(Options options) {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
    try {
      Path folder = directory(options, home()).toAbsolutePath().normalize();
      System.out.print(ShowClaim.text(folder, options.claim(), options.asOf()));
      return GOOD;
    } catch (RuntimeException e) {
      System.err.println("quickstart: " + Explanation.of(e));
      return FAILED;
    }
  }

  private static Path directory(Options options, Path home) {
    return options.directory().orElseGet(() -> home.resolve("quickstart-demo/target/run"));
  }

  private static int run(Options options, Interruption interruption) {
    Terminal terminal =
        new Terminal(
            System.out,
            Boolean.getBoolean(Terminal.INTERACTIVE),
            System.getenv("NO_COLOR") == null,
            new TerminalWidth());
    Closing closing = new Closing();
    try {
      Path home = home();
      RunDirectory directory = closing.add(RunDirectory.open(directory(options, home)));
      logTo(directory.file(LOG));
      return runIn(directory, new Demo(options, home, directory, terminal), closing, interruption);
    } catch (DemoException | StackException e) {
      System.err.println("quickstart: " + Explanation.of(e));
      return FAILED;
    } finally {
      interruption.closing();
      terminal.endLive();
      terminal.line("Stopping");
      closing.close();
    }
  }

  private static int runIn(
      RunDirectory directory, Demo demo, Closing closing, Interruption interruption) {
    try {
      return demo.run(closing) ? GOOD : FAILED;
    } catch (InterruptedException e) {
      return switch (demo.interrupted()) {
        case GOOD -> GOOD;
        case BAD -> FAILED;
        case INCOMPLETE -> INTERRUPTED;
      };
    } catch (RuntimeException e) {
      if (interruption.happened()) {
        return INTERRUPTED;
      }
      LoggerFactory.getLogger(Quickstart.class).error("The run has failed", e);
      System.err.println(
          "\nquickstart: " + Explanation.of(e) + "\n(more in " + directory.path() + ")");
      return FAILED;
    }
  }

  private static Path home() {
    String property = System.getProperty(HOME);
    if (property != null) {
      return Path.of(property);
    }
    Path start = Path.of("").toAbsolutePath();
    return Stream.iterate(start, Objects::nonNull, Path::getParent)
        .filter(folder -> Files.isDirectory(folder.resolve("config-examples")))
        .findFirst()
        .orElseThrow(
            () ->
                new DemoException(
                    "no checkout of Claimstream around " + start + "; set -D" + HOME));
  }

  // before the first logger is created: it reads these properties once
  private static void logTo(Path file) {
    System.setProperty("org.slf4j.simpleLogger.logFile", file.toString());
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
    System.setProperty("org.slf4j.simpleLogger.showDateTime", "true");
    System.setProperty("org.slf4j.simpleLogger.dateTimeFormat", "yyyy-MM-dd HH:mm:ss.SSS");
  }
}
