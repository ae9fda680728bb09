/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.benchmarks.baseline.ReadyMadeSource;
import io.claimstream.connect.source.RedisStreamSourceConnector;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The CPU of a worker without connectors, with a source that does nothing, and with an idle source;
 * and of the thread in which Connect runs the task, which is the only difference. Claimstream's
 * task has no other thread.
 */
final class Idle {
  private static final int SETTLING_SECONDS = 60;
  private static final String TASK_THREAD = "task-thread-";

  private final Session session;
  private final Report report;

  Idle(Session session, Report report) {
    this.session = session;
    this.report = report;
  }

  /** CPU in percent of a core. */
  record Used(double worker, double task) {}

  void measure() {
    Used bare = measure(Map.of());
    Used baseline =
        measure(
            Map.of(
                "connector.class", ReadyMadeSource.class.getName(),
                "entries", "1",
                "batch", "1"));
    Used ours =
        measure(
            Map.of(
                "connector.class", RedisStreamSourceConnector.class.getName(),
                "redis.uri", session.servers().redis().uri(),
                "redis.streams", session.unique("claims:idle")));
    ObjectNode part = report.part("idle");
    report.say("| percent of a core | worker | task |\n|---|---|---|");
    say(part, "worker alone", bare);
    say(part, "with a source that has no more events", baseline);
    say(part, "with Claimstream's source on a quiet stream", ours);
  }

  private void say(ObjectNode part, String name, Used used) {
    part.putObject(name)
        .put("workerPercent", Report.rounded(used.worker()))
        .put("taskPercent", Report.rounded(used.task()));
    report.say(
        String.format(Locale.ROOT, "| %s | %.2f | %.2f |", name, used.worker(), used.task()));
  }

  /** Measures a fresh worker with that source, or with none. */
  private Used measure(Map<String, String> source) {
    try (Worker worker = session.servers().worker(session.options().heap());
        TopicLog topic = session.topic("idle")) {
      if (!source.isEmpty()) {
        Map<String, String> config = new HashMap<>(source);
        config.put("tasks.max", "1");
        config.put("topic", topic.name());
        config.putAll(Converter.JSON.settings(""));
        String connector = session.unique("idle");
        worker.create(connector, config);
        worker.awaitRunning(connector);
      }
      return used(worker.stat(), session.options().seconds());
    }
  }

  /** Measures a worker that has nothing to do, after a time of settling. */
  static Used used(ProcessStat stat, int duration) {
    pause(SETTLING_SECONDS);
    double worker = stat.cpuSeconds();
    double task = stat.threadCpuSeconds(TASK_THREAD);
    long begin = System.nanoTime();
    pause(duration);
    double seconds = (System.nanoTime() - begin) / 1e9;
    return new Used(
        100 * (stat.cpuSeconds() - worker) / seconds,
        100 * (stat.threadCpuSeconds(TASK_THREAD) - task) / seconds);
  }

  private static void pause(int seconds) {
    try {
      TimeUnit.SECONDS.sleep(seconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkException("interrupted while measuring", e);
    }
  }
}
