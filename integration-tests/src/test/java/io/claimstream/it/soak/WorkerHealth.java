/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import io.claimstream.stack.LoopbackJmx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.RuntimeMXBean;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;

/**
 * What the worker's process holds after a garbage collection.
 *
 * @param age how long it has run
 * @param heapKb what is alive in its heap
 * @param rssKb its resident memory; -1 where there is no /proc
 * @param threads how many threads it has
 * @param sockets how many sockets it has open; -1 where there is no /proc
 */
record WorkerHealth(Duration age, long heapKb, long rssKb, int threads, int sockets) {
  private static final int KB = 1024;

  /** What caches, pools and the moment of the count may add. */
  private static final int MARGIN_KB = 16 * KB;

  private static final int MARGIN = 20;
  private static final int LOOKS = 6;
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  /** Whether the same process holds more than it did, beyond what chance explains. */
  boolean hasGrownSince(WorkerHealth earlier) {
    return age.compareTo(earlier.age) > 0
        && (heapKb > earlier.heapKb + MARGIN_KB
            || threads > earlier.threads + MARGIN
            || sockets > earlier.sockets + MARGIN);
  }

  /**
   * The least of several looks: a client that is garbage ends its threads and connections some
   * seconds after the collection.
   */
  static WorkerHealth settled(SoakServers servers) {
    WorkerHealth least = of(servers);
    for (int look = 1; look < LOOKS; look++) {
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
      least = least.orLess(of(servers));
    }
    return least;
  }

  private WorkerHealth orLess(WorkerHealth later) {
    return new WorkerHealth(
        later.age,
        Math.min(heapKb, later.heapKb),
        Math.min(rssKb, later.rssKb),
        Math.min(threads, later.threads),
        Math.min(sockets, later.sockets));
  }

  /** Asks the worker now. */
  @SuppressWarnings("BanJNDI") // the registry is our own worker's, on loopback
  private static WorkerHealth of(SoakServers servers) {
    Path process = Path.of("/proc", String.valueOf(servers.worker().pid()));
    try (JMXConnector jmx = JMXConnectorFactory.connect(LoopbackJmx.url(servers.jmxPort()))) {
      MBeanServerConnection beans = jmx.getMBeanServerConnection();
      MemoryMXBean memory = ManagementFactory.getPlatformMXBean(beans, MemoryMXBean.class);
      memory.gc();
      memory.gc(); // what waited for a finalizer or a cleaner
      return new WorkerHealth(
          Duration.ofMillis(
              ManagementFactory.getPlatformMXBean(beans, RuntimeMXBean.class).getUptime()),
          memory.getHeapMemoryUsage().getUsed() / KB,
          rssKb(process.resolve("status")),
          ManagementFactory.getPlatformMXBean(beans, ThreadMXBean.class).getThreadCount(),
          sockets(process.resolve("fd")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many threads of each name the worker has, numbers left out. */
  @SuppressWarnings("BanJNDI") // the registry is our own worker's, on loopback
  static Map<String, Long> threadNames(SoakServers servers) {
    try (JMXConnector jmx = JMXConnectorFactory.connect(LoopbackJmx.url(servers.jmxPort()))) {
      ThreadMXBean threads =
          ManagementFactory.getPlatformMXBean(jmx.getMBeanServerConnection(), ThreadMXBean.class);
      return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
          .filter(Objects::nonNull)
          .collect(
              Collectors.groupingBy(
                  info -> info.getThreadName().replaceAll("[0-9a-f-]*\\d[0-9a-f-]*", "N"),
                  TreeMap::new,
                  Collectors.counting()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long rssKb(Path status) throws IOException {
    if (!Files.exists(status)) {
      return -1;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(-1);
    }
  }

  private static int sockets(Path descriptors) throws IOException {
    if (!Files.exists(descriptors)) {
      return -1;
    }
    int sockets = 0;
    try (Stream<Path> links = Files.list(descriptors)) {
      for (Path link : links.toList()) {
        if (isSocket(link)) {
          sockets++;
        }
      }
    }
    return sockets;
  }

  private static boolean isSocket(Path link) {
    try {
      return Files.readSymbolicLink(link).toString().startsWith("socket:");
    } catch (IOException e) { // closed meanwhile
      return false;
    }
  }
}
