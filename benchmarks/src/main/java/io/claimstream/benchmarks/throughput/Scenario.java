/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import java.util.EnumSet;
import java.util.Locale;

/** Scenarios that can be measured, in the order in which {@link #ALL} runs them. */
enum Scenario {
  TABLE("sources and sinks against the baselines, alternately in fresh workers"),
  STEPS("decoding, encoding and tracking alone, by JMH: time and allocation per entry"),
  SINKS("what each sink costs for a record without Kafka: CPU of its thread and of Redis"),
  CONVERTERS("the cost of a worker's converter per record, by JMH, in both directions"),
  LATENCY(
      "from XADD to a reader of the topic at 2,000 entries/s, linger 0; the same beside three"
          + " ranges; and Kafka alone"),
  IDLE("the cost of an idle source"),
  MANY("100 streams in one connector, and 100 connectors in one worker, when quiet"),
  HEAP("a worker with 256 MiB of heap against one with the usual heap"),
  CONSUMERS("1, 2, 4 and 8 consumers on one stream, one task each"),
  QUIET("a busy stream beside 49 and 99 quiet ones in one task, 1 ms from Redis"),
  SIZES("entries of 100 B to 100 KiB"),
  PENDING("a restart with many pending entries"),
  BACKLOG("memory while a long backlog is processed"),
  ALL("all of these");

  private final String description;

  Scenario(String description) {
    this.description = description;
  }

  String description() {
    return description;
  }

  /** Measures, prints a table and adds the results to the report. */
  void run(Session session, Report report) {
    if (this == ALL) {
      EnumSet.complementOf(EnumSet.of(ALL)).forEach(each -> each.run(session, report));
      return;
    }
    report.say("\n== " + this + "\n");
    measure(session, report);
    report.write();
  }

  private void measure(Session session, Report report) {
    switch (this) {
      case TABLE -> new MainTable(session, report).measure();
      case STEPS -> new Steps(report).measure();
      case SINKS -> new SinkCost(session, report).measure();
      case CONVERTERS -> new Converters(session, report).measure();
      case LATENCY -> new Latency(session, report).measure();
      case IDLE -> new Idle(session, report).measure();
      case MANY -> new Many(session, report).measure();
      case HEAP -> new Heap(session, report).measure();
      case CONSUMERS -> new ConsumerScaling(session, report).measure();
      case QUIET -> new QuietStreams(session, report).measure();
      case SIZES -> new Sizes(session, report).measure();
      case PENDING -> new Pending(session, report).measure();
      case BACKLOG -> new Backlog(session, report).measure();
      case ALL -> throw new IllegalStateException("each of the others is measured by itself");
    }
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
