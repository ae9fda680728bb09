/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import io.claimstream.connect.redis.stream.EntryId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;

/**
 * Tells the operator of dead letters that Connect dropped on their way to their topic: one line a
 * minute at most, with their number and the last of them. Safe for use by several threads.
 */
public final class UnwrittenLog {
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final Logger log;
  private final String topic;
  private final InstantSource clock;
  private Instant next = Instant.MIN;
  private long untold;

  /** A log that has told everything so far, of that dead letter topic. */
  public UnwrittenLog(Logger log, String topic, InstantSource clock) {
    this.log = log;
    this.topic = topic;
    this.clock = clock;
  }

  /**
   * Notes one.
   *
   * @param kept whether redis.failed.stream has it
   */
  synchronized void note(String stream, EntryId id, boolean kept) {
    untold++;
    if (clock.instant().isBefore(next)) {
      return;
    }
    next = clock.instant().plus(INTERVAL);
    log.warn(
        "{} dead letters did not reach the topic '{}': a transform, a converter or a filter dropped"
            + " them. The last one is that of entry {} of stream '{}'. {}",
        untold,
        topic,
        id,
        stream,
        kept
            ? "They are in redis.failed.stream only. Let transforms pass this topic's records by"
                + " (predicates)."
            : "Nothing else holds them, so the entries stay pending. Set redis.failed.stream, or let"
                + " transforms pass this topic's records by (predicates); then restart the task,"
                + " which tries them again.");
    untold = 0;
  }

  /** Tells how many were not told yet. */
  synchronized void close() {
    if (untold > 0) {
      log.warn("{} more dead letters did not reach the topic '{}'", untold, topic);
      untold = 0;
    }
  }
}
