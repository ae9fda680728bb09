/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.consumers;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.ConsumerInfo;
import io.claimstream.connect.source.group.PendingEntry;
import io.claimstream.connect.source.lane.Lane;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warnings, once per consumer, about other programs' consumers in the group: those whose entries no
 * program seems to process, and those of another connector. A connector that was renamed is another
 * connector, so the first check names what its former name left pending. Task thread only.
 */
final class OtherConsumers {
  private static final Duration ABANDONED = Duration.ofMinutes(10);

  private final ConsumerGroup group;
  private final KnownConsumers known;
  private final boolean takenOver;
  private final Logger log;
  private final Set<String> pendingReported = new HashSet<>();
  private final Set<String> connectorsReported = new HashSet<>();

  /**
   * Creates the warnings for one group.
   *
   * @param takenOver whether their entries are taken over after {@code redis.claim.idle.ms}
   */
  OtherConsumers(ConsumerGroup group, KnownConsumers known, boolean takenOver) {
    this(group, known, takenOver, LoggerFactory.getLogger(OtherConsumers.class));
  }

  OtherConsumers(ConsumerGroup group, KnownConsumers known, boolean takenOver, Logger log) {
    this.group = group;
    this.known = known;
    this.takenOver = takenOver;
    this.log = log;
  }

  /** Checks the group's current consumers. */
  void check(RedisConnection connection, List<ConsumerInfo> consumers) {
    if (!takenOver) {
      List<ConsumerInfo> unreported =
          consumers.stream().filter(each -> !pendingReported.contains(each.name())).toList();
      for (ConsumerInfo other : known.leftPendingByOtherConnectors(connection, unreported)) {
        reportLeftPending(connection, other);
      }
    }
    for (ConsumerInfo other : known.ofOtherConnectors(connection, consumers)) {
      if (connectorsReported.add(other.name())) {
        reportConnector(other);
      }
    }
    for (ConsumerInfo consumer : consumers) {
      if (!takenOver
          && consumer.pending() > 0
          && !pendingReported.contains(consumer.name())
          && !known.isOwn(connection, consumer.name())) {
        checkPending(connection, consumer);
      }
    }
  }

  private void reportLeftPending(RedisConnection connection, ConsumerInfo other) {
    List<PendingEntry> oldest = group.pending(connection, other.name(), EntryId.ZERO, 1);
    if (oldest.isEmpty()) {
      return; // acknowledged in the meantime, so the connector runs
    }
    pendingReported.add(other.name());
    connectorsReported.add(other.name());
    log.warn(
        "{}: consumer '{}' of connector '{}' has {} pending entries, the oldest {}, and last read"
            + " {} s ago. If that connector was renamed or deleted, nobody processes them: set"
            + " redis.claim.idle.ms to take them over, after an XACK of those that Kafka has"
            + " already: the ids up to that connector's offset. If that connector still runs, give"
            + " one of the two another redis.group.",
        group,
        other.name(),
        Lane.connectorOf(other.name()),
        other.pending(),
        oldest.get(0).id(),
        other.idle().toSeconds());
  }

  private void reportConnector(ConsumerInfo other) {
    log.warn(
        "{}: consumer '{}' of another connector reads in the same group. Each of the two connectors"
            + " receives only some of the entries, and neither can replay on its own. Give one of"
            + " them another redis.group.",
        group,
        other.name());
  }

  private void checkPending(RedisConnection connection, ConsumerInfo consumer) {
    if (known.isNamedLikeOwn(consumer.name())) {
      pendingReported.add(consumer.name());
      log.warn(
          "{}: consumer '{}' has {} pending entries. It is named like a consumer of this connector,"
              + " but this connector has never read under that name (no owner key, no offset), so"
              + " its entries are left to another program. If it was this connector's consumer, set"
              + " redis.claim.idle.ms to take its entries over.",
          group,
          consumer.name(),
          consumer.pending());
    } else if (consumer.idle().compareTo(ABANDONED) >= 0
        && !group.idle(connection, consumer.name(), ABANDONED, 1).isEmpty()) {
      pendingReported.add(consumer.name());
      log.warn(
          "{}: consumer '{}' has {} pending entries and has been idle for {} minutes: no program"
              + " seems to process them, and this connector does not take them over. If the"
              + " consumer belongs to a program that does not return, set redis.claim.idle.ms to"
              + " take them over. Entries that were processed but not acknowledged are then"
              + " produced again.",
          group,
          consumer.name(),
          consumer.pending(),
          consumer.idle().toMinutes());
    }
  }
}
