/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.apache.kafka.common.utils.AppInfoParser;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The main class of {@code benchmarks/run}. */
public final class ThroughputHarness {
  private ThroughputHarness() {}

  /** Starts the servers, measures, prints tables and writes JSON. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 3 && arguments[0].equals("picture")) {
      Picture.draw(Path.of(arguments[1]), Path.of(arguments[2]));
      return;
    }
    CommandLine commandLine = Options.commandLine();
    try {
      if (!CommandLine.printHelpIfRequested(commandLine.parseArgs(arguments))) {
        measure(commandLine.getCommand());
      }
    } catch (ParameterException e) {
      System.err.println(e.getMessage() + "\n");
      commandLine.usage(System.err);
      System.exit(commandLine.getCommandSpec().exitCodeOnInvalidInput());
    }
  }

  private static void measure(Options options) throws IOException {
    Path checkout = Path.of(System.getProperty("claimstream.home", "")).toAbsolutePath();
    Path dir = Files.createTempDirectory("claimstream-benchmarks");
    Report report = Report.at(options.out());
    Instant begin = Instant.now();
    try (Servers servers =
            Servers.start(dir, checkout, options.otherPlugin(), options.transactionBackoff());
        Session session = new Session(options, servers)) {
      describe(session, report);
      options.scenarios().forEach(scenario -> scenario.run(session, report));
    }
    report.say(
        "\nTook %d minutes. Results: %s. Server logs: %s"
            .formatted(Duration.between(begin, Instant.now()).toMinutes(), options.out(), dir));
  }

  /** Writes the environment, on which the results depend. */
  private static void describe(Session session, Report report) {
    Options options = session.options();
    ObjectNode node = report.part("session");
    node.put("time", Instant.now().toString())
        .put("cores", Runtime.getRuntime().availableProcessors())
        .put("processor", processor())
        .put("loadBefore", load())
        .put("java", Runtime.version().toString())
        .put("redis", session.streams().server())
        .put("kafka", AppInfoParser.getVersion())
        .put("entries", options.entries())
        .put("workers", options.workers())
        .put("runs", options.runs())
        .put("partitions", options.partitions())
        .put("producer", options.producer().name().toLowerCase(Locale.ROOT))
        .put("producerSettings", options.producer().overrides().toString())
        .put("boundary", options.boundary().settings().toString())
        .put("txnBackoffMillis", options.transactionBackoff())
        .put("workerHeap", options.heap())
        .put("otherPlugin", options.otherPlugin().map(Path::toString).orElse(""));
    node.properties().forEach(e -> report.say(e.getKey() + ": " + e.getValue().asText()));
  }

  private static String processor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 2))
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String load() {
    try {
      return Files.readString(Path.of("/proc/loadavg")).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }
}
