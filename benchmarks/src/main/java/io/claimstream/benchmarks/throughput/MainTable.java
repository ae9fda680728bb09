/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.benchmarks.baseline.ClaimEntries;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Claimstream's connectors against the baselines. Each candidate has several fresh workers. The
 * candidates take turns, in an alternating order, so that other load on the machine affects all of
 * them.
 */
final class MainTable {
  private static final int RAW_BATCH = 2_000;
  private static final String RAW = "raw";

  /** What the scenario for converters measures as well. */
  private static final Set<String> BY_NAME_ONLY = Set.of("source-avro-alone");

  private final Session session;
  private final Report report;
  private final Optional<Template> otherSource;
  private final Optional<Template> otherSink;
  private final Map<String, Series> series = new LinkedHashMap<>();

  MainTable(Session session, Report report) {
    this.session = session;
    this.report = report;
    this.otherSource = session.options().otherSource().map(Template::read);
    this.otherSink = session.options().otherSink().map(Template::read);
  }

  void measure() {
    long entries = session.options().entries();
    String stream = session.stream(entries);
    try (TopicLog topic = session.topic("for-sinks")) {
      try (Worker worker = session.servers().worker(session.options().heap())) {
        SourceCandidate filler = SourceCandidate.baseline(session, Converter.JSON, entries);
        filler.fill(worker, session.unique("filler"), topic, "");
      }
      List<Candidate> candidates =
          Stream.of(sources(stream, entries), sinks(topic, entries))
              .flatMap(each -> each)
              .filter(candidate -> isWanted(candidate.name()))
              .toList();
      failOnUnknown(candidates);
      candidates.forEach(candidate -> of(candidate.name()));
      for (int round = 0; round < session.options().workers(); round++) {
        if (isWanted(RAW)) {
          raw(stream, entries);
        }
        for (int i = 0; i < candidates.size(); i++) {
          measure(candidates.get((i + round) % candidates.size()), round);
        }
        write();
      }
      topic.delete();
    }
    tell();
  }

  private Stream<Candidate> sources(String stream, long entries) {
    SourceCandidate json = SourceCandidate.ours(session, Converter.JSON, stream, entries);
    SourceCandidate readyMade = SourceCandidate.baseline(session, Converter.JSON, entries);
    List<Candidate> sources = new ArrayList<>();
    otherSource.ifPresent(
        template -> sources.add(SourceCandidate.other(session, template, stream, entries)));
    sources.add(json.with(Transactions.NONE));
    sources.add(readyMade.with(Transactions.NONE));
    sources.add(json);
    sources.add(readyMade);
    sources.add(SourceCandidate.ours(session, Converter.AVRO, stream, entries));
    sources.add(SourceCandidate.ours(session, Converter.AVRO_ALONE, stream, entries));
    sources.add(SourceCandidate.baseline(session, Converter.AVRO, entries));
    return sources.stream();
  }

  private Stream<Candidate> sinks(TopicLog topic, long entries) {
    List<Candidate> sinks = new ArrayList<>();
    otherSink.ifPresent(
        template -> sinks.add(SinkCandidate.other(session, template, topic, entries)));
    sinks.add(SinkCandidate.ours(session, Converter.JSON, topic, entries, "exactly-once"));
    sinks.add(SinkCandidate.ours(session, Converter.JSON, topic, entries, "at-least-once"));
    sinks.add(SinkCandidate.baseline(session, Converter.JSON, topic, entries));
    return sinks.stream();
  }

  private boolean isWanted(String candidate) {
    List<String> wanted = session.options().candidates();
    return wanted.contains(candidate)
        || (wanted.contains(Options.ALL_CANDIDATES) && !BY_NAME_ONLY.contains(candidate));
  }

  private void failOnUnknown(List<Candidate> candidates) {
    List<String> unknown = new ArrayList<>(session.options().candidates());
    unknown.removeAll(List.of(Options.ALL_CANDIDATES, RAW));
    unknown.removeAll(candidates.stream().map(Candidate::name).toList());
    if (!unknown.isEmpty()) {
      throw new BenchmarkException("no candidates " + unknown, null);
    }
  }

  private List<Comparison> comparisons() {
    return Comparison.ALL.stream()
        .filter(each -> series.containsKey(each.name()) && series.containsKey(each.of()))
        .toList();
  }

  private Series of(String name) {
    return series.computeIfAbsent(name, Series::new);
  }

  private void measure(Candidate candidate, int round) {
    List<Measurement> runs = new ArrayList<>();
    try (Worker worker =
        session.servers().worker(session.options().heap(), candidate.worker(), List.of())) {
      for (int run = 0; run < session.options().runs(); run++) {
        runs.add(candidate.run(worker, run == session.options().runs() - 1));
      }
    }
    of(candidate.name()).add(runs);
    report.say(
        String.format(
            Locale.ROOT,
            "worker %d  %-32s %s thousand/s",
            round + 1,
            candidate.name(),
            runs.stream()
                .map(run -> String.format(Locale.ROOT, "%.0f", run.perSecond() / 1e3))
                .toList()));
  }

  /** Measures Redis alone, with the client that the connectors use. */
  private void raw(String stream, long entries) {
    Streams streams = session.streams();
    List<Measurement> reads = new ArrayList<>();
    List<Measurement> appends = new ArrayList<>();
    for (int run = 0; run < session.options().runs(); run++) {
      String name = session.unique("raw");
      long nanos = streams.readNanos(stream, name, entries, RAW_BATCH);
      reads.add(new Measurement(entries, nanos / 1e9, Double.NaN));
      streams.destroyGroup(stream, name);
      nanos = streams.appendNanos(name, entries, ClaimEntries.usual());
      appends.add(new Measurement(entries, nanos / 1e9, Double.NaN));
      streams.remove(name);
    }
    of("raw-read").add(reads);
    of("raw-append").add(appends);
  }

  private void write() {
    ObjectNode part = report.part("table");
    ArrayNode all = part.putArray("candidates");
    for (Series each : series.values()) {
      ObjectNode node = all.addObject().put("name", each.name());
      Report.put(node, "coldPerSecond", each.cold());
      Report.put(node, "warmPerSecond", each.warm());
      Report.put(node, "cpuSecondsPerMillion", each.cpuPerMillion());
      ArrayNode workers = node.putArray("workersPerSecond");
      for (List<Measurement> runs : each.workers()) {
        ArrayNode worker = workers.addArray();
        runs.forEach(run -> worker.add(Report.rounded(run.perSecond())));
      }
    }
    ArrayNode ratios = part.putArray("ratios");
    for (Comparison comparison : comparisons()) {
      ObjectNode node =
          ratios
              .addObject()
              .put("name", comparison.name())
              .put("of", comparison.of())
              .put("target", comparison.target());
      Report.put(node, "speed", of(comparison.name()).speedOf(of(comparison.of())));
      Report.put(node, "cpu", of(comparison.name()).cpuOf(of(comparison.of())));
    }
    report.write();
  }

  private void tell() {
    report.say("\n| candidate | cold, thousand/s | warm, thousand/s | CPU s per million, warm |");
    report.say("|---|---|---|---|");
    for (Series each : series.values()) {
      report.say(
          "| %s | %s | %s | %s |"
              .formatted(
                  each.name(),
                  each.cold().thousands(),
                  each.warm().thousands(),
                  each.cpuPerMillion().text(1)));
    }
    report.say(
        "\n| | relative to | speed, warm | target | CPU per record |\n|---|---|---|---|---|");
    for (Comparison comparison : comparisons()) {
      Series ours = of(comparison.name());
      Series other = of(comparison.of());
      report.say(
          "| %s | %s | %s | %s | %s |"
              .formatted(
                  comparison.name(),
                  comparison.of(),
                  ours.speedOf(other).text(2),
                  comparison.target() > 0 ? comparison.target() : "",
                  ours.cpuOf(other).text(2)));
    }
  }
}
