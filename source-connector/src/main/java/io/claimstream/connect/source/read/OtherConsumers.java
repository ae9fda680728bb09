/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports, once each, consumers of other programs that an operator should know of: those whose
 * entries nobody seems to process, and those of another connector in the same group. Task thread
 * only.
 */
public final class OtherConsumers {
  private static final Duration ABANDONED = Duration.ofMinutes(10);

  private final ConsumerGroup group;
  private final KnownConsumers known;
  private final boolean takenOver;
  private final Logger log;
  private final Set<String> unservedReported = new HashSet<>();
  private final Set<String> connectorsReported = new HashSet<>();

  /**
   * The other programs' consumers of one group.
   *
   * @param takenOver whether their entries are taken over in time (redis.claim.idle.ms)
   */
  public OtherConsumers(ConsumerGroup group, KnownConsumers known, boolean takenOver) {
    this(group, known, takenOver, LoggerFactory.getLogger(OtherConsumers.class));
  }

  OtherConsumers(ConsumerGroup group, KnownConsumers known, boolean takenOver, Logger log) {
    this.group = group;
    this.known = known;
    this.takenOver = takenOver;
    this.log = log;
  }

  /** Looks at the group's consumers as they are now. */
  void look(RedisConnection connection, List<ConsumerInfo> consumers) {
    for (ConsumerInfo other : known.ofOtherConnectors(connection, consumers)) {
      if (connectorsReported.add(other.name())) {
        reportConnector(other);
      }
    }
    for (ConsumerInfo consumer : consumers) {
      if (!takenOver
          && consumer.pending() > 0
          && !unservedReported.contains(consumer.name())
          && !known.isOwn(connection, consumer.name())) {
        lookAtPending(connection, consumer);
      }
    }
  }

  private void reportConnector(ConsumerInfo other) {
    log.warn(
        "{}: consumer '{}' of another connector reads in the same group. Each of the two gets only"
            + " a part of the entries, and neither can replay by itself. Give one of them another"
            + " redis.group.",
        group,
        other.name());
  }

  private void lookAtPending(RedisConnection connection, ConsumerInfo consumer) {
    if (known.isNamedLikeOwn(consumer.name())) {
      unservedReported.add(consumer.name());
      log.warn(
          "{}: consumer '{}' has {} entries pending. It is named like a consumer of this connector,"
              + " which has never read as it (no owner key, no offset), so it is left alone as"
              + " another program's. If it was this connector's, set redis.claim.idle.ms to take"
              + " its entries over.",
          group,
          consumer.name(),
          consumer.pending());
    } else if (consumer.idle().compareTo(ABANDONED) >= 0
        && !group.idle(connection, consumer.name(), ABANDONED, 1).isEmpty()) {
      unservedReported.add(consumer.name());
      log.warn(
          "{}: consumer '{}' has {} entries pending and was given none for {} minutes: nobody seems to"
              + " process them, and this connector leaves them alone. If that program, or"
              + " a connector that was renamed, does not come back, set redis.claim.idle.ms to take"
              + " them over. What it had processed before it could acknowledge comes twice then.",
          group,
          consumer.name(),
          consumer.pending(),
          consumer.idle().toMinutes());
    }
  }
}
