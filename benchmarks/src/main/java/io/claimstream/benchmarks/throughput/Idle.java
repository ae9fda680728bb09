/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.connect.source.RedisStreamSourceConnector;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The CPU of a worker with nothing, and with a source whose stream is quiet. */
final class Idle {
  private static final int SETTLING_SECONDS = 10;

  private final Session session;
  private final Report report;

  Idle(Session session, Report report) {
    this.session = session;
    this.report = report;
  }

  void measure() {
    String connector = session.unique("idle");
    String stream = "claims:idle";
    try (Worker worker = session.servers().worker(session.options().heap());
        TopicLog topic = session.topic("idle")) {
      double bare = percentOfCore(worker);
      Map<String, String> config = new HashMap<>();
      config.put("connector.class", RedisStreamSourceConnector.class.getName());
      config.put("tasks.max", "1");
      config.put("redis.uri", session.servers().redis().uri());
      config.put("redis.streams", stream);
      config.put("topic", topic.name());
      config.putAll(Converter.JSON.settings(""));
      worker.create(connector, config);
      worker.awaitRunning(connector);
      double quiet = percentOfCore(worker);
      ObjectNode part = report.part("idle");
      part.put("workerPercentOfCore", Report.rounded(bare));
      part.put("withQuietSourcePercentOfCore", Report.rounded(quiet));
      report.say(
          String.format(
              Locale.ROOT,
              "worker without connector: %.2f %% of a core; with a quiet source: %.2f %%",
              bare,
              quiet));
      worker.delete(connector);
      topic.delete();
      session.streams().remove(stream);
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
