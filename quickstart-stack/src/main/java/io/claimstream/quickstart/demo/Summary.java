/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.quickstart.demo.ArrivalCheck.Arrivals;
import io.claimstream.quickstart.demo.GroupMonitor.Group;
import io.claimstream.quickstart.demo.SnapshotCheck.Snapshots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The result of a run with a given number of events.
 *
 * @param wanted how many events were to be produced
 * @param arrivals entries against records
 * @param rows rows that came back to Redis
 * @param differences analytics that do not match, in words
 * @param snapshots where the claims stand
 * @param troubles of the connectors, in words
 * @param group the source's group at the end
 * @param elapsed from the first event to the last check
 * @param latency from the entry's id to the read of its record
 * @param subjects of the schema registry
 */
record Summary(
    long wanted,
    Arrivals arrivals,
    long rows,
    List<String> differences,
    Snapshots snapshots,
    List<String> troubles,
    Optional<Group> group,
    Duration elapsed,
    Latencies.Percentiles latency,
    List<String> subjects) {
  private static final int SHOWN = 5;

  /** Whether each event arrived exactly once, is acknowledged, and all analytics match. */
  boolean isGood() {
    return wrong().isEmpty();
  }

  /** What is wrong, a line each; empty if nothing is. */
  List<String> wrong() {
    List<String> wrong = new ArrayList<>(troubles);
    addIf(arrivals.produced() != wanted, wrong, "only %,d events produced", arrivals.produced());
    addIf(
        arrivals.missing() != 0,
        wrong,
        "%,d events missing in the topic, such as " + arrivals.missingExamples(),
        arrivals.missing());
    addIf(arrivals.duplicates() != 0, wrong, "%,d duplicate records", arrivals.duplicates());
    addIf(
        arrivals.unexpected() != 0,
        wrong,
        "%,d records of entries that this run did not produce",
        arrivals.unexpected());
    addIf(
        arrivals.wrongKeys() != 0,
        wrong,
        "%,d records whose key is not their claim_id",
        arrivals.wrongKeys());
    addIf(pending() != 0, wrong, "%,d entries not acknowledged", pending());
    if (group.isEmpty()) {
      wrong.add("there is no group " + GroupMonitor.GROUP);
    }
    addIf(
        snapshots.events() != arrivals.arrived(),
        wrong,
        "%,d events in the claims' snapshots",
        snapshots.events());
    differences.stream().limit(SHOWN).forEach(wrong::add);
    addIf(differences.size() > SHOWN, wrong, "… and %,d more of these", differences.size() - SHOWN);
    return wrong;
  }

  private static void addIf(boolean condition, List<String> lines, String format, long number) {
    if (condition) {
      lines.add(String.format(Locale.ROOT, format, number));
    }
  }

  private long pending() {
    return group.map(Group::pending).orElse(0L);
  }

  /** Everything, for the reader at the end. */
  String text() {
    double seconds = elapsed.toMillis() / 1000.0;
    StringBuilder text = new StringBuilder("\nSummary\n");
    row(text, "events", "%,d", arrivals.produced());
    row(text, "topic records", "%,d", arrivals.records());
    row(text, "duplicates", "%,d", arrivals.duplicates());
    row(text, "missing", "%,d", arrivals.missing());
    row(text, "pending in Redis", "%,d", pending());
    row(text, "analytics rows", "%,d", rows);
    row(text, "totals match", "%s", differences.isEmpty() ? "yes" : "no");
    row(text, "snapshots", "%s", snapshots);
    row(text, "elapsed", "%.1f s", seconds);
    row(text, "events/s", "%,.0f", arrivals.produced() / Math.max(seconds, 0.001));
    row(text, "latency", "%s", latency);
    row(text, "schema subjects", "%s", String.join(", ", subjects));
    if (isGood()) {
      row(text, "result", "%s", "every event arrived exactly once and the analytics came back");
    } else {
      row(text, "result", "%s", "FAILED");
      wrong().forEach(line -> text.append("  - ").append(line).append('\n'));
    }
    return text.toString();
  }

  private static void row(StringBuilder text, String name, String format, Object value) {
    text.append(String.format(Locale.ROOT, "  %-17s" + format + "%n", name, value));
  }
}
