/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.benchmarks.DataPathBenchmark;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The cost of each step of the data path alone, measured by JMH: time and allocation. */
final class Steps {
  private static final String ALLOCATION = "gc.alloc.rate.norm";

  private final Report report;

  Steps(Report report) {
    this.report = report;
  }

  void measure() {
    ObjectNode part = report.part("steps");
    report.say("| per entry | ns | bytes allocated |\n|---|---|---|");
    try {
      for (RunResult run :
          new Runner(
                  new OptionsBuilder()
                      .include(DataPathBenchmark.class.getName())
                      .addProfiler(GCProfiler.class)
                      .shouldFailOnError(true)
                      .verbosity(VerboseMode.SILENT)
                      .build())
              .run()) {
        Result<?> time = run.getPrimaryResult();
        double bytes = requireNonNull(run.getSecondaryResults().get(ALLOCATION)).getScore();
        part.putObject(time.getLabel())
            .put("nanos", Report.rounded(time.getScore()))
            .put("nanosError", Report.rounded(time.getScoreError()))
            .put("bytes", Report.rounded(bytes));
        report.say(
            String.format(
                Locale.ROOT,
                "| %s | %.0f ± %.0f | %.0f |",
                time.getLabel(),
                time.getScore(),
                time.getScoreError(),
                bytes));
      }
    } catch (RunnerException e) {
      throw new BenchmarkException("JMH failed", e);
    }
  }
}
