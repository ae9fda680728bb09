/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.benchmarks.baseline.ClaimEntries;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A source that starts with many pending entries against one that reads as many new ones. */
final class Pending {
  private static final String STREAM = "claims:pending";

  private final Session session;
  private final Report report;

  Pending(Session session, Report report) {
    this.session = session;
    this.report = report;
  }

  void measure() {
    int entries = session.options().pending();
    session.streams().fill(STREAM, entries, ClaimEntries.usual());
    SourceCandidate source = SourceCandidate.ours(session, Converter.JSON, STREAM, entries);
    Series recovered = new Series("pending");
    Series fresh = new Series("new");
    List<Measurement> recoveredRuns = new ArrayList<>();
    List<Measurement> freshRuns = new ArrayList<>();
    double resident;
    try (Worker worker = session.servers().worker(session.options().heap())) {
      for (int run = 0; run < session.options().runs(); run++) {
        freshRuns.add(source.run(worker, false));
        recoveredRuns.add(recover(worker, source, entries));
      }
      resident = worker.stat().residentMebibytes();
    }
    session.streams().remove(STREAM);
    recovered.add(recoveredRuns);
    fresh.add(freshRuns);
    Statistics ratio = recovered.speedOf(fresh);
    ObjectNode part = report.part("pending");
    part.put("entries", entries);
    Report.put(part, "pendingOfNew", ratio);
    part.put("residentMebibytes", Report.rounded(resident));
    report.say(
        String.format(
            Locale.ROOT,
            "%d pending entries: %s times as fast as new ones; the worker then has %.0f MiB",
            entries,
            ratio.text(2),
            resident));
  }

  private Measurement recover(Worker worker, SourceCandidate source, int entries) {
    String connector = session.unique("pending");
    session.streams().leavePending(STREAM, connector, connector + "-0", entries);
    try (TopicLog topic = session.topic("pending")) {
      Measurement measured = source.fill(worker, connector, topic, connector);
      topic.delete();
      session.streams().destroyGroup(STREAM, connector);
      return measured;
    }
  }
}
