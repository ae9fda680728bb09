/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.benchmarks.ConverterBenchmark;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The cost of the converters per record, measured by JMH, relative to the shipped one. */
final class Converters {
  private final Session session;
  private final Report report;

  Converters(Session session, Report report) {
    this.session = session;
    this.report = report;
  }

  void measure() {
    try {
      Map<String, Map<String, RunResult>> runs = new LinkedHashMap<>();
      for (RunResult run :
          new Runner(
                  new OptionsBuilder()
                      .include(ConverterBenchmark.class.getName())
                      .jvmArgsAppend(
                          "-D"
                              + ConverterBenchmark.REGISTRY
                              + "="
                              + session.servers().registry().url())
                      .shouldFailOnError(true)
                      .verbosity(VerboseMode.SILENT)
                      .build())
              .run()) {
        runs.computeIfAbsent(run.getPrimaryResult().getLabel(), label -> new LinkedHashMap<>())
            .put(run.getParams().getParam("kind"), run);
      }
      runs.forEach(this::tell);
    } catch (RunnerException e) {
      throw new BenchmarkException("JMH failed", e);
    }
  }

  private void tell(String direction, Map<String, RunResult> runs) {
    ObjectNode part = report.part("converters-" + direction);
    double shipped = nanos(runs.get(ConverterBenchmark.Kind.APICURIO_AS_SHIPPED.name()));
    report.say(
        "\n| %s | CPU ns per record | relative to Apicurio's as shipped |\n|---|---|---|"
            .formatted(direction));
    runs.forEach(
        (kind, run) -> {
          double nanos = nanos(run);
          part.putObject(kind)
              .put("nanos", Report.rounded(nanos))
              .put("ratio", Report.rounded(nanos / shipped));
          report.say(
              String.format(Locale.ROOT, "| %s | %.0f | %.2f |", kind, nanos, nanos / shipped));
        });
  }

  private static double nanos(@Nullable RunResult run) {
    return run == null
        ? Double.NaN
        : requireNonNull(run.getSecondaryResults().get("nanos")).getScore()
            / requireNonNull(run.getSecondaryResults().get("records")).getScore();
  }
}
