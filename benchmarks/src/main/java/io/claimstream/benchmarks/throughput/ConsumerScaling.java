/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One stream read by several consumers, each in a task of its own, and the CPU of each server. */
final class ConsumerScaling {
  private static final List<Integer> CONSUMERS = List.of(1, 2, 4, 8);

  private final Session session;
  private final Report report;

  ConsumerScaling(Session session, Report report) {
    this.session = session;
    this.report = report;
  }

  void measure() {
    ArrayNode all = report.part("consumers").putArray("all");
    report.say(
        "| consumers | thousand/s, warm | CPU s per million: worker | Redis | Kafka |\n"
            + "|---|---|---|---|---|");
    for (int consumers : CONSUMERS) {
      measure(consumers, all.addObject().put("consumers", consumers));
    }
  }

  private void measure(int consumers, ObjectNode node) {
    long entries = session.options().entries();
    SourceCandidate source =
        SourceCandidate.ours(
            session,
            Converter.JSON,
            session.stream(entries),
            entries,
            Map.of(
                "tasks.max",
                Integer.toString(consumers),
                "redis.consumers.per.stream",
                Integer.toString(consumers)));
    Series series = new Series(Integer.toString(consumers));
    List<Double> redis = new ArrayList<>();
    List<Double> kafka = new ArrayList<>();
    ProcessStat redisStat = new ProcessStat(session.servers().redis().pid());
    ProcessStat kafkaStat = new ProcessStat(session.servers().kafka().pid());
    for (int round = 0; round < session.options().workers(); round++) {
      List<Measurement> runs = new ArrayList<>();
      try (Worker worker = session.servers().worker(session.options().heap())) {
        for (int run = 0; run < session.options().runs(); run++) {
          double redisBefore = redisStat.cpuSeconds();
          double kafkaBefore = kafkaStat.cpuSeconds();
          runs.add(source.run(worker, false));
          redis.add((redisStat.cpuSeconds() - redisBefore) * 1e6 / entries);
          kafka.add((kafkaStat.cpuSeconds() - kafkaBefore) * 1e6 / entries);
        }
      }
      series.add(runs);
    }
    Report.put(node, "warmPerSecond", series.warm());
    Report.put(node, "workerCpuPerMillion", series.cpuPerMillion());
    Report.put(node, "redisCpuPerMillion", Statistics.of(redis));
    Report.put(node, "kafkaCpuPerMillion", Statistics.of(kafka));
    report.say(
        "| %d | %s | %s | %s | %s |"
            .formatted(
                consumers,
                series.warm().thousands(),
                series.cpuPerMillion().text(1),
                Statistics.of(redis).text(1),
                Statistics.of(kafka).text(1)));
  }
}
