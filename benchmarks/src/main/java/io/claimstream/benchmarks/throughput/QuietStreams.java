/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A busy stream beside quiet ones in the same task, with a network between the task and Redis,
 * against the busy one alone. Measures only the task: no worker, no Kafka, no converter.
 */
final class QuietStreams {
  private static final List<Integer> QUIET = List.of(49, 99);
  private static final Duration ROUND_TRIP = Duration.ofMillis(1);
  private static final int WARM_UP_RUNS = 2;

  private final Session session;
  private final Report report;

  QuietStreams(Session session, Report report) {
    this.session = session;
    this.report = report;
  }

  void measure() {
    ArrayNode all = report.part("quiet").putArray("all");
    report.say(
        "| quiet streams | thousand/s beside them | thousand/s alone | speed relative to alone |\n"
            + "|---|---|---|---|");
    try (DelayingProxy network = new DelayingProxy(session.servers().redis().port(), ROUND_TRIP)) {
      for (int quiet : QUIET) {
        List<String> streams = IntStream.range(0, quiet).mapToObj(i -> "quiet-" + i).toList();
        streams.forEach(session.streams()::createTrimmed);
        measure(network.redisUri(), streams, all);
        streams.forEach(session.streams()::remove);
      }
    }
  }

  private void measure(String redisUri, List<String> quiet, ArrayNode all) {
    Series beside = new Series("beside quiet ones");
    Series alone = new Series("alone");
    BusyStreamRun besideRun = new BusyStreamRun(session, redisUri, quiet);
    BusyStreamRun aloneRun = new BusyStreamRun(session, redisUri, List.of());
    for (int run = -WARM_UP_RUNS; run < session.options().runs(); run++) {
      boolean besideFirst = run % 2 == 0;
      Measurement first = (besideFirst ? besideRun : aloneRun).measure();
      Measurement second = (besideFirst ? aloneRun : besideRun).measure();
      if (run >= 0) {
        beside.add(List.of(besideFirst ? first : second));
        alone.add(List.of(besideFirst ? second : first));
      }
    }
    Statistics ratio = beside.speedOf(alone);
    Report.put(all.addObject().put("quiet", quiet.size()), "speed", ratio);
    report.say(
        "| %d | %s | %s | %s |"
            .formatted(
                quiet.size(), beside.warm().thousands(), alone.warm().thousands(), ratio.text(2)));
  }
}
