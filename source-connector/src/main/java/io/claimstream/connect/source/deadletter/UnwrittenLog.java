/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import io.claimstream.connect.redis.stream.EntryId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;

/**
 * Log of dead letters that Connect dropped before they reached their topic: at most one line a
 * minute, with their number and the last of them. Safe for use by several threads.
 */
public final class UnwrittenLog {
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final Logger log;
  private final String topic;
  private final InstantSource clock;
  private Instant next = Instant.MIN;
  private long unreported;

  /** Creates a log for a dead letter topic. */
  public UnwrittenLog(Logger log, String topic, InstantSource clock) {
    this.log = log;
    this.topic = topic;
    this.clock = clock;
  }

  /**
   * Records a dead letter that did not reach the topic.
   *
   * @param kept whether {@code redis.failed.stream} has it
   */
  synchronized void record(String stream, EntryId id, boolean kept) {
    unreported++;
    if (clock.instant().isBefore(next)) {
      return;
    }
    next = clock.instant().plus(INTERVAL);
    log.warn(
        "{} dead letters did not reach the topic '{}': a transform, a converter or a filter dropped"
            + " them. The last one was for entry {} of stream '{}'. {}",
        unreported,
        topic,
        id,
        stream,
        kept
            ? "They are in redis.failed.stream only. Exempt this topic from the transforms"
                + " (predicates)."
            : "They are stored nowhere else, so the entries stay pending. Set redis.failed.stream,"
                + " or exempt this topic from the transforms (predicates); then restart the task,"
                + " which retries them.");
    unreported = 0;
  }

  /** Logs the number of dead letters not logged yet. */
  synchronized void close() {
    if (unreported > 0) {
      log.warn("{} more dead letters did not reach the topic '{}'", unreported, topic);
      unreported = 0;
    }
  }
}
