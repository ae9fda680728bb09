/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Compares the entries that were written to Redis with the records that arrived in the topic: each
 * exactly once, under its claim's key. Safe for use by several threads.
 */
final class ArrivalCheck {
  private static final int EXAMPLES = 3;

  private final ProducedIds ids = new ProducedIds();
  /* A record may be here before the producer has read Redis' reply with its id. */
  private final NavigableSet<EntryId> early = new TreeSet<>();
  private long records;
  private long duplicates;
  private long unexpected;
  private long wrongKeys;

  /**
   * What has arrived of what was produced.
   *
   * @param produced entries that Redis has taken
   * @param records records seen in the topic
   * @param arrived entries seen at least once
   * @param duplicates records of an entry already seen
   * @param unexpected records of entries that this run did not produce
   * @param wrongKeys records whose key is not their claim
   * @param missingExamples the first few entries that have not arrived
   */
  record Arrivals(
      long produced,
      long records,
      long arrived,
      long duplicates,
      long unexpected,
      long wrongKeys,
      List<EntryId> missingExamples) {

    long missing() {
      return produced - arrived;
    }

    /** Whether each entry arrived exactly once and nothing else did. */
    boolean exactlyOnce() {
      return missing() == 0 && duplicates == 0 && unexpected == 0 && wrongKeys == 0;
    }
  }

  /** Notes ids that Redis gave, in the order it gave them. */
  synchronized void produced(List<EntryId> given) {
    given.forEach(ids::add);
    if (given.isEmpty() || early.isEmpty()) {
      return;
    }
    NavigableSet<EntryId> settled = early.headSet(given.get(given.size() - 1), true);
    settled.forEach(this::settle);
    settled.clear();
  }

  /**
   * Notes a record of the topic.
   *
   * @param id its {@code stream_id}
   * @param keyIsClaim whether its key is its claim
   */
  synchronized void arrived(EntryId id, boolean keyIsClaim) {
    records++;
    if (!keyIsClaim) {
      wrongKeys++;
    }
    if (!ids.reaches(id)) {
      if (!early.add(id)) {
        duplicates++;
      }
    } else {
      settle(id);
    }
  }

  private void settle(EntryId id) {
    switch (ids.arrive(id)) {
      case FIRST -> {}
      case AGAIN -> duplicates++;
      case UNKNOWN -> unexpected++;
    }
  }

  /** The comparison as it stands. */
  synchronized Arrivals arrivals() {
    return arrivals(early.size());
  }

  /**
   * The comparison of a run that was cut short: a record may have arrived whose entry the producer
   * was never told of.
   */
  synchronized Arrivals arrivalsWhenInterrupted() {
    return arrivals(0);
  }

  private Arrivals arrivals(int unknown) {
    return new Arrivals(
        ids.size(),
        records,
        ids.arrived(),
        duplicates,
        unexpected + unknown,
        wrongKeys,
        new ArrayList<>(ids.missing(EXAMPLES)));
  }
}
