/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.claimstream.benchmarks.baseline.ClaimEntries;
import io.claimstream.benchmarks.baseline.ReadyMadeSource;
import io.claimstream.connect.source.RedisStreamSourceConnector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Many streams in one connector, and many connectors in one worker: how long they take to start,
 * and what they hold and use once nothing happens. Each stream has one entry at the start.
 */
final class Many {
  private static final int MANY = 100;

  private final Session session;
  private final Report report;

  Many(Session session, Report report) {
    this.session = session;
    this.report = report;
  }

  void measure() {
    ArrayNode all = report.part("many").putArray("all");
    report.say(
        "| source connectors | streams of each | seconds to start | connections to Redis | threads"
            + " | resident, MiB | quiet: percent of a core | of it tasks |\n"
            + "|---|---|---|---|---|---|---|---|");
    measure(all, "none", List.of());
    measure(all, "1", ours(1, 1));
    measure(all, "1", ours(1, MANY));
    measure(all, Integer.toString(MANY), ours(MANY, 1));
    measure(all, MANY + " that emit one ready-made event", readyMade());
  }

  /** A connector to start. */
  private record Source(List<String> streams, Map<String, String> config) {}

  private List<Source> ours(int connectors, int streams) {
    List<Source> sources = new ArrayList<>();
    for (int i = 0; i < connectors; i++) {
      List<String> names = new ArrayList<>();
      for (int j = 0; j < streams; j++) {
        names.add(session.unique("claims:many"));
      }
      sources.add(
          new Source(
              names,
              Map.of(
                  "connector.class", RedisStreamSourceConnector.class.getName(),
                  "redis.uri", session.servers().redis().uri(),
                  "redis.streams", String.join(",", names))));
    }
    return sources;
  }

  private static List<Source> readyMade() {
    List<Source> sources = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      sources.add(
          new Source(
              List.of(),
              Map.of(
                  "connector.class", ReadyMadeSource.class.getName(),
                  "entries", "1",
                  "batch", "1")));
    }
    return sources;
  }

  private void measure(ArrayNode all, String connectors, List<Source> sources) {
    List<String> streams = sources.stream().flatMap(each -> each.streams().stream()).toList();
    streams.forEach(stream -> session.streams().fill(stream, 1, ClaimEntries.usual()));
    long clients = session.streams().clients();
    try (Worker worker = session.servers().worker(session.options().heap());
        TopicLog topic = session.topic("many")) {
      double seconds = sources.isEmpty() ? 0 : start(worker, sources, topic);
      Idle.Used used = Idle.used(worker.stat(), session.options().seconds());
      long connections = session.streams().clients() - clients;
      int streamsOfEach = sources.isEmpty() ? 0 : streams.size() / sources.size();
      all.addObject()
          .put("connectors", connectors)
          .put("streamsOfEach", streamsOfEach)
          .put("startSeconds", Report.rounded(seconds))
          .put("connections", connections)
          .put("threads", worker.stat().threads())
          .put("residentMebibytes", Report.rounded(worker.stat().residentMebibytes()))
          .put("workerPercent", Report.rounded(used.worker()))
          .put("taskPercent", Report.rounded(used.task()));
      report.say(
          String.format(
              Locale.ROOT,
              "| %s | %d | %.1f | %d | %d | %.0f | %.1f | %.1f |",
              connectors,
              streamsOfEach,
              seconds,
              connections,
              worker.stat().threads(),
              worker.stat().residentMebibytes(),
              used.worker(),
              used.task()));
      topic.delete();
    }
    streams.forEach(session.streams()::remove);
  }

  /** Returns the seconds from the first request until the last connector has sent its events. */
  private double start(Worker worker, List<Source> sources, TopicLog topic) {
    long begin = System.nanoTime();
    for (Source source : sources) {
      Map<String, String> config = new HashMap<>(source.config());
      config.put("tasks.max", "1");
      config.put("topic", topic.name());
      config.putAll(Converter.JSON.settings(""));
      worker.create(session.unique("many"), config);
    }
    topic.awaitCommitted(
        sources.stream().mapToInt(each -> Math.max(1, each.streams().size())).sum());
    return (System.nanoTime() - begin) / 1e9;
  }
}
