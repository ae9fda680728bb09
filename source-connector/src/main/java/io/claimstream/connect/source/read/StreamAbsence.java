/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.MissingStreamException;
import io.claimstream.connect.source.lane.LaneContext;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Absence of a stream that {@code redis.streams.pattern} found and that was deleted since. The lane
 * waits until the connector lets it go, or until somebody adds the stream again. Task thread only.
 */
final class StreamAbsence {
  private static final Logger LOG = LoggerFactory.getLogger(StreamAbsence.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final LaneContext lane;
  private final ConsumerGroup group;
  private final AckTracker tracker;
  private OptionalLong unread = OptionalLong.empty();
  private Instant next = Instant.MIN;
  private boolean missing;

  StreamAbsence(LaneContext lane, AckTracker tracker) {
    this.lane = lane;
    this.group = lane.group();
    this.tracker = tracker;
  }

  /** Whether the stream is missing, and it is too early to look again. */
  boolean isWaiting() {
    return missing && lane.clock().instant().isBefore(next);
  }

  /** Time until the lane looks for the stream again. */
  Duration remaining() {
    return Duration.between(lane.clock().instant(), next).plusMillis(1);
  }

  /**
   * Records a successful read.
   *
   * @param lag entries that the group had not read after it; empty if unknown
   */
  void read(OptionalLong lag) {
    unread = lag;
  }

  /** Whether a missing stream is the cause of an exception; begins to wait if it is. */
  boolean isCauseOf(RuntimeException e) {
    boolean replaced =
        e instanceof RedisConfigurationException
            && String.valueOf(e.getMessage()).contains("WRONGTYPE");
    if (lane.settings().createsStreams() || !(e instanceof MissingStreamException || replaced)) {
      return false;
    }
    next = lane.clock().instant().plus(INTERVAL);
    if (!missing) {
      missing = true;
      LOG.warn(
          "Stream '{}' {}; its consumer '{}' waits until it exists again or is let go, and the task"
              + " reads its other streams on. {} entries of the stream were in flight to Kafka and"
              + " are not affected. Entries that the stream held and that were not read are lost:"
              + " {} at the last read.",
          group.stream(),
          replaced ? "was replaced by a key of another type" : "was deleted",
          lane.consumer(),
          tracker.inFlight(),
          unread.isEmpty() ? "an unknown number" : unread.getAsLong());
    }
    return true;
  }

  /** Records that the group exists. */
  void over() {
    if (missing) {
      missing = false;
      LOG.info("Stream '{}' exists again; reading continues", group.stream());
    }
  }
}
