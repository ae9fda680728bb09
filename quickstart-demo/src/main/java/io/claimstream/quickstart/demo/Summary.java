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
import java.util.OptionalLong;

/**
 * The result of a run.
 *
 * @param wanted the number of events to produce; empty = until Ctrl-C
 * @param interrupted whether Ctrl-C ended the run: events in flight have not arrived then
 * @param arrivals the entries compared with the records
 * @param rows the number of analytics rows in Redis
 * @param differences the differences in the analytics, as text
 * @param snapshots the totals of the snapshots
 * @param troubles the problems of the connectors, as text
 * @param group the source's group at the end
 * @param breaks the breaks and their recovery
 * @param elapsed the time from the first event's passage to the last check
 * @param coldStart the latency of the first event; empty if none arrived
 * @param warmUp the time until its analytics were in Redis; empty if they were not
 * @param backlog whether events were written as fast as Redis accepted them
 * @param latency the latency of the other events, from the entry's id to the read of its record
 * @param subjects the schema registry's subjects
 */
record Summary(
    OptionalLong wanted,
    boolean interrupted,
    Arrivals arrivals,
    long rows,
    List<String> differences,
    Snapshots snapshots,
    List<String> troubles,
    Optional<Group> group,
    List<String> breaks,
    Duration elapsed,
    OptionalLong coldStart,
    OptionalLong warmUp,
    boolean backlog,
    Latencies.Percentiles latency,
    List<String> subjects) {
  private static final int SHOWN = 5;

  /**
   * Returns whether each event arrived exactly once and is acknowledged, and all analytics match.
   */
  boolean isGood() {
    return wrong().isEmpty();
  }

  /** Returns the problems, one per line; empty if there are none. */
  List<String> wrong() {
    List<String> wrong = new ArrayList<>(troubles);
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
    if (!interrupted) {
      wrong.addAll(incomplete());
    }
    return wrong;
  }

  private List<String> incomplete() {
    List<String> wrong = new ArrayList<>();
    addIf(
        arrivals.produced() != wanted.orElse(arrivals.produced()),
        wrong,
        "only %,d events produced",
        arrivals.produced());
    addIf(
        arrivals.missing() != 0,
        wrong,
        "%,d events missing in the topic, for example " + arrivals.missingExamples(),
        arrivals.missing());
    addIf(pending() != 0, wrong, "%,d entries not acknowledged", pending());
    if (group.isEmpty()) {
      wrong.add("Redis reports no group " + GroupMonitor.GROUP);
    }
    addIf(
        snapshots.events() != arrivals.arrived(),
        wrong,
        "%,d events in the claim snapshots",
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

  /** Returns the text of the whole summary. */
  String text() {
    double seconds = elapsed.toMillis() / 1000.0;
    StringBuilder text = new StringBuilder("\nSummary\n");
    row(text, "events", "%,d", arrivals.produced());
    row(text, "topic records", "%,d", arrivals.records());
    row(text, "duplicates", "%,d", arrivals.duplicates());
    row(text, interrupted ? "in flight" : "missing", "%,d", arrivals.missing());
    row(
        text,
        "pending in Redis",
        "%s",
        group.map(now -> format("%,d", now.pending())).orElse("unknown"));
    row(text, "analytics rows", "%,d", rows);
    if (!interrupted) {
      row(text, "totals match", "%s", differences.isEmpty() ? "yes" : "no");
    }
    if (wanted.isPresent()) {
      row(text, "snapshots", "%s", snapshots);
    }
    row(text, "elapsed", "%.1f s", seconds);
    row(text, "events/s", "%s", rate(seconds));
    row(text, "cold start", "%s", coldStartText());
    row(text, "latency", "%s", latency.isEmpty() ? "no events after the first" : latency);
    if (backlog) {
      row(text, "", "%s", "(written faster than read, so events wait in the stream; see --rate)");
    }
    row(text, "schema subjects", "%s", String.join(", ", subjects));
    breaks.forEach(line -> row(text, "break", "%s", line));
    if (isGood() && interrupted) {
      row(text, "result", "%s", "stopped by Ctrl-C; no duplicates until then");
    } else if (isGood()) {
      row(text, "result", "%s", "every event arrived exactly once, and the analytics match");
    } else {
      row(text, "result", "%s", "FAILED");
      wrong().forEach(line -> text.append("  - ").append(line).append('\n'));
    }
    return text.toString();
  }

  private String coldStartText() {
    if (coldStart.isEmpty()) {
      return "no events arrived";
    }
    String text = format("%,d ms for the first event", coldStart.getAsLong());
    return warmUp.isEmpty()
        ? text
        : text + format(", analytics back in Redis after %,d ms", warmUp.getAsLong());
  }

  /** Returns the rate; unknown for a single event, which arrives before the clock starts. */
  private String rate(double seconds) {
    long counted = arrivals.arrived() - 1;
    return counted < 1 || seconds <= 0 ? "unknown" : format("%,.0f", counted / seconds);
  }

  private static String format(String format, Object value) {
    return String.format(Locale.ROOT, format, value);
  }

  private static void row(StringBuilder text, String name, String format, Object value) {
    text.append(String.format(Locale.ROOT, "  %-17s" + format + "%n", name, value));
  }
}
