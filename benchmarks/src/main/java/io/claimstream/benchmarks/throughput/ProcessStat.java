/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Statistics of a process on Linux. */
record ProcessStat(long pid) {
  /** Clock ticks per second in /proc/PID/stat, on every Linux. */
  private static final double TICKS_PER_SECOND = 100;

  private static final int USER_TICKS = 11;
  private static final int SYSTEM_TICKS = 12;

  /** Returns the seconds of CPU that the process has used since it started. */
  double cpuSeconds() {
    try {
      return cpuSeconds(Files.readString(Path.of("/proc", Long.toString(pid), "stat")));
    } catch (IOException e) {
      throw new BenchmarkException("cannot read the CPU time of process " + pid, e);
    }
  }

  static double cpuSeconds(String stat) {
    // the name in brackets may contain spaces: fields are counted after it
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]))
        / TICKS_PER_SECOND;
  }

  /**
   * Returns the seconds of CPU that some threads of the process have used since they started.
   *
   * @param name the prefix of their names, at most 15 characters: Linux truncates names
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

  /** Returns the number of threads of the process. */
  int threads() {
    String[] tasks = Path.of("/proc", Long.toString(pid), "task").toFile().list();
    return tasks == null ? 0 : tasks.length;
  }

  /** Returns the resident memory of the process in mebibytes. */
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
