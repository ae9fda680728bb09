/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.baseline;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/**
 * Counts records. When all have arrived, it writes to a file: their number, the arrival times of
 * the first and the last one in milliseconds, and the nanoseconds of CPU that the worker used in
 * between.
 */
public final class CountingSinkTask extends SinkTask {
  private Path file = Path.of("");
  private long entries;
  private long count;
  private long firstMillis;
  private long firstCpuNanos;

  @Override
  public void start(Map<String, String> properties) {
    file = Path.of(String.valueOf(properties.get(CountingSink.FILE)));
    entries = Long.parseLong(String.valueOf(properties.get(CountingSink.ENTRIES)));
  }

  @Override
  public void put(Collection<SinkRecord> records) {
    if (records.isEmpty()) {
      return;
    }
    if (count == 0) {
      firstMillis = System.currentTimeMillis();
      firstCpuNanos = cpuNanos();
    }
    count += records.size();
    if (count >= entries) {
      long cpuNanos = cpuNanos() - firstCpuNanos;
      write(count + " " + firstMillis + " " + System.currentTimeMillis() + " " + cpuNanos);
    }
  }

  private static long cpuNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  /** Writes the file atomically, for a process that waits for it. */
  private void write(String line) {
    Path draft = file.resolveSibling(file.getFileName() + ".draft");
    try {
      Files.writeString(draft, line);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {
    // nothing to close
  }

  @Override
  public String version() {
    return "1";
  }
}
