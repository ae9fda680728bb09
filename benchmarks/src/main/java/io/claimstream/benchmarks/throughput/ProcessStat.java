/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What Linux says about a process. */
record ProcessStat(long pid) {
  /** Of /proc/PID/stat: every Linux counts in hundredths of a second there. */
  private static final double TICKS_PER_SECOND = 100;

  private static final int USER_TICKS = 11;
  private static final int SYSTEM_TICKS = 12;

  /** Seconds of CPU that the process has used since it started. */
  double cpuSeconds() {
    try {
      return cpuSeconds(Files.readString(Path.of("/proc", Long.toString(pid), "stat")));
    } catch (IOException e) {
      throw new BenchmarkException("cannot read the CPU time of process " + pid, e);
    }
  }

  static double cpuSeconds(String stat) {
    // the name in brackets may hold blanks: what follows it is counted
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]))
        / TICKS_PER_SECOND;
  }

  /**
   * Seconds of CPU that some threads of the process have used since they started.
   *
   * @param name what their names begin with, at most 15 characters: Linux keeps no more
   */
  double threadCpuSeconds(String name) {
    try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      long nanos = 0;
      for (Path thread : threads.toList()) {
        if (Files.readString(thread.resolve("comm")).startsWith(name)) {
          nanos += Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ", -1)[0]);
        }
      }
      return nanos / 1e9;
    } catch (IOException e) {
      throw new BenchmarkException("cannot read the CPU time of threads of process " + pid, e);
    }
  }

  /** Mebibytes that the process has in memory. */
  double residentMebibytes() {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0)
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException e) {
      throw new BenchmarkException("cannot read the memory of process " + pid, e);
    }
  }
}
