/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Compares the entries written to Redis with the records in the topic: each exactly once, with its
 * claim as the key. Safe for use by several threads.
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
   * The comparison of produced entries and records.
   *
   * @param produced the number of entries written to Redis
   * @param records the number of records in the topic
   * @param arrived the number of entries with at least one record
   * @param duplicates the number of additional records of the same entry
   * @param unexpected the number of records of entries that this run did not produce
   * @param wrongKeys the number of records whose key is not their claim
   * @param missingExamples the first few entries without a record
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

    /** Returns whether each entry arrived exactly once and nothing else did. */
    boolean exactlyOnce() {
      return missing() == 0 && duplicates == 0 && unexpected == 0 && wrongKeys == 0;
    }
  }

  /** Adds ids that Redis returned, in their order. */
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
   * Adds a record of the topic.
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

  /** Returns the current comparison. */
  synchronized Arrivals arrivals() {
    return arrivals(early.size());
  }

  /**
   * Returns the comparison of an interrupted run: a record may have arrived whose id the producer
   * never received.
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
