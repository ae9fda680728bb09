/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import io.claimstream.connect.redis.deadletter.ThrottledCount;
import io.claimstream.connect.redis.stream.EntryId;
import java.time.InstantSource;
import org.slf4j.Logger;

/**
 * Log of dead letters that Connect dropped before they reached their topic: at most one line a
 * minute, with their number and the last of them. Safe for use by several threads.
 */
public final class UnwrittenLog {
  private final Logger log;
  private final String topic;
  private final ThrottledCount unreported;

  /** Creates a log for a dead letter topic. */
  public UnwrittenLog(Logger log, String topic, InstantSource clock) {
    this.log = log;
    this.topic = topic;
    this.unreported = new ThrottledCount(clock);
  }

  /**
   * Records a dead letter that did not reach the topic.
   *
   * @param kept whether {@code redis.failed.stream} has it
   */
  synchronized void record(String stream, EntryId id, boolean kept) {
    unreported
        .add()
        .ifPresent(
            count ->
                log.warn(
                    "{} dead letters did not reach the topic '{}': a transform, a converter or a"
                        + " filter dropped them. The last one was for entry {} of stream '{}'. {}",
                    count,
                    topic,
                    id,
                    stream,
                    kept
                        ? "They are in redis.failed.stream only. Exempt this topic from the"
                            + " transforms (predicates)."
                        : "They are stored nowhere else, so the entries stay pending. Set"
                            + " redis.failed.stream, or exempt this topic from the transforms"
                            + " (predicates); then restart the task, which retries them."));
  }

  /** Logs the number of dead letters not logged yet. */
  synchronized void close() {
    unreported
        .remaining()
        .ifPresent(
            count -> log.warn("{} more dead letters did not reach the topic '{}'", count, topic));
  }
}
