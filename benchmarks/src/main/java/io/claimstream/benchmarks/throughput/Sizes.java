/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.benchmarks.baseline.ClaimEntries;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Entries from small to large: the cost per entry and per byte. */
final class Sizes {
  private static final List<Integer> BYTES = List.of(100, 400, 1_600, 6_400, 25_600, 102_400);
  private static final long MOST_BYTES = 1_000_000_000;

  private final Session session;
  private final Report report;

  Sizes(Session session, Report report) {
    this.session = session;
    this.report = report;
  }

  void measure() {
    ArrayNode all = report.part("sizes").putArray("all");
    report.say(
        "| bytes | entries | per second, warm | MB/s | worker CPU, µs per entry |\n"
            + "|---|---|---|---|---|");
    try (Worker worker = session.servers().worker(session.options().heap())) {
      for (int bytes : BYTES) {
        measure(worker, bytes, all.addObject());
      }
    }
  }

  private void measure(Worker worker, int bytes, ObjectNode node) {
    long entries = Math.min(session.options().entries(), MOST_BYTES / bytes);
    String stream = "claims:sizes:" + bytes;
    session.streams().fill(stream, entries, ClaimEntries.ofBytes(bytes));
    SourceCandidate source = SourceCandidate.ours(session, Converter.JSON, stream, entries);
    List<Measurement> runs = new ArrayList<>();
    for (int run = 0; run < session.options().runs(); run++) {
      runs.add(source.run(worker, false));
    }
    session.streams().remove(stream);
    Series series = new Series(stream);
    series.add(runs);
    double rate = series.warm().median();
    double cpu = series.cpuPerMillion().median();
    node.put("bytes", bytes)
        .put("entries", entries)
        .put("warmPerSecond", Report.rounded(rate))
        .put("cpuMicrosPerEntry", Report.rounded(cpu));
    report.say(
        String.format(
            Locale.ROOT,
            "| %d | %d | %.0f | %.1f | %.1f |",
            bytes,
            entries,
            rate,
            rate * bytes / 1e6,
            cpu));
  }
}
