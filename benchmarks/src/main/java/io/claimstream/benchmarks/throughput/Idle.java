/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.benchmarks.ceiling.ReadyMadeSource;
import io.claimstream.connect.source.RedisStreamSourceConnector;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The CPU of a worker with nothing, with a source that does nothing, and with a quiet one. */
final class Idle {
  private static final int SETTLING_SECONDS = 60;

  private final Session session;
  private final Report report;

  Idle(Session session, Report report) {
    this.session = session;
    this.report = report;
  }

  void measure() {
    double bare = measure(Map.of());
    double ceiling =
        measure(
            Map.of(
                "connector.class", ReadyMadeSource.class.getName(),
                "entries", "1",
                "batch", "1"));
    double ours =
        measure(
            Map.of(
                "connector.class", RedisStreamSourceConnector.class.getName(),
                "redis.uri", session.servers().redis().uri(),
                "redis.streams", session.unique("claims:idle")));
    ObjectNode part = report.part("idle");
    part.put("workerPercentOfCore", Report.rounded(bare));
    part.put("withQuietCeilingPercentOfCore", Report.rounded(ceiling));
    part.put("withQuietSourcePercentOfCore", Report.rounded(ours));
    report.say(
        String.format(
            Locale.ROOT,
            "percent of a core: worker alone %.2f; with a source that has nothing left and waits"
                + " for nothing %.2f; with ours on a quiet stream %.2f",
            bare,
            ceiling,
            ours));
  }

  /** A fresh worker with that source, or with none. */
  private double measure(Map<String, String> source) {
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
      return percentOfCore(worker);
    }
  }

  private double percentOfCore(Worker worker) {
    pause(SETTLING_SECONDS);
    double before = worker.stat().cpuSeconds();
    long begin = System.nanoTime();
    pause(session.options().seconds());
    double used = worker.stat().cpuSeconds() - before;
    return 100 * used * 1e9 / (System.nanoTime() - begin);
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
