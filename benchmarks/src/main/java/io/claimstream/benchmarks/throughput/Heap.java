/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** The source in a small worker against one of the usual size, alternately in fresh workers. */
final class Heap {
  private static final String SMALL = "256m";

  private final Session session;
  private final Report report;

  Heap(Session session, Report report) {
    this.session = session;
    this.report = report;
  }

  void measure() {
    long entries = session.options().entries();
    SourceCandidate source =
        SourceCandidate.ours(session, Converter.JSON, session.stream(entries), entries);
    Series small = new Series(SMALL);
    Series usual = new Series(session.options().heap());
    for (int round = 0; round < session.options().workers(); round++) {
      run(source, round % 2 == 0 ? small : usual);
      run(source, round % 2 == 0 ? usual : small);
    }
    Statistics ratio = small.speedOf(usual);
    ObjectNode part = report.part("heap");
    Report.put(part, "smallOfUsual", ratio);
    Report.put(part, "smallPerSecond", small.warm());
    Report.put(part, "usualPerSecond", usual.warm());
    report.say(
        "%s of heap: %s times as fast as %s, warm"
            .formatted(small.name(), ratio.text(2), usual.name()));
  }

  private void run(SourceCandidate source, Series series) {
    List<Measurement> runs = new ArrayList<>();
    try (Worker worker = session.servers().worker(series.name())) {
      for (int run = 0; run < session.options().runs(); run++) {
        runs.add(source.run(worker, false));
      }
    }
    series.add(runs);
  }
}
