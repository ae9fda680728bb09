/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Allocation per operation is stable where time is not: it may not grow unnoticed.
 *
 * <p>Compiled without escape analysis, which removes allocations only once the second compiler has
 * come to a method: on a busy machine it has not within any fixed time.
 */
class AllocationTest {
  /** One to three percent above what was measured: two runs differ by less than 0.1 percent. */
  private static final Map<String, Double> MOST_BYTES =
      Map.of(
          "decodeVersion1", 2_090.0,
          "decodeVersion2", 2_350.0,
          "decodeMixed", 2_295.0,
          "decodePayload", 3_880.0,
          "record", 2_390.0,
          "encodeEvent", 980.0,
          "encodeAnalytics", 1_500.0,
          "track", 144.0);

  @Test
  void noStepAllocatesMoreThanItsRecordedBound() throws RunnerException {
    // when
    Map<String, Double> bytes = new TreeMap<>();
    for (RunResult result :
        new Runner(
                new OptionsBuilder()
                    .include(DataPathBenchmark.class.getSimpleName())
                    .addProfiler(GCProfiler.class)
                    .forks(1)
                    .jvmArgsAppend("-XX:TieredStopAtLevel=1")
                    .warmupIterations(1)
                    .warmupTime(TimeValue.milliseconds(500))
                    .measurementIterations(2)
                    .measurementTime(TimeValue.milliseconds(500))
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run()) {
      String name = result.getParams().getBenchmark();
      bytes.put(
          name.substring(name.lastIndexOf('.') + 1),
          requireNonNull(result.getSecondaryResults().get("gc.alloc.rate.norm")).getScore());
    }
    System.out.println("bytes allocated per operation: " + bytes);

    // then
    assertThat(bytes.keySet()).isEqualTo(MOST_BYTES.keySet());
    bytes.forEach(
        (name, most) -> assertThat(most).as(name).isPositive().isLessThan(MOST_BYTES.get(name)));
  }
}
