/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.retry.OutageBreaker;
import io.claimstream.connect.sink.deliver.DeliveryStrategy;
import io.claimstream.connect.sink.deliver.Rewinds;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.write.StreamConnections;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Queries Redis about new partitions. Every few seconds, samples the streams and checks that Redis
 * still holds the acknowledged writes. Used by the task's thread only, while nothing is in flight.
 */
final class RedisInquiry {
  /** Interval at which the streams' metrics are read from Redis. */
  private static final Duration SAMPLE_INTERVAL = Duration.ofSeconds(5);

  private final Assignment assignment;
  private final DeliveryStrategy delivery;
  private final Rewinds rewinds;
  private final StreamConnections connections;
  private final SinkMetrics metrics;
  private final OutageBreaker breaker;
  private final InstantSource steady;
  private Instant nextSample = Instant.MIN;

  RedisInquiry(
      Assignment assignment,
      DeliveryStrategy delivery,
      Rewinds rewinds,
      StreamConnections connections,
      SinkMetrics metrics,
      OutageBreaker breaker,
      InstantSource steady) {
    this.assignment = assignment;
    this.delivery = delivery;
    this.rewinds = rewinds;
    this.connections = connections;
    this.metrics = metrics;
    this.breaker = breaker;
    this.steady = steady;
  }

  /** Makes the queries that are due; returns null unless new partitions must wait for Redis. */
  @Nullable RedisOutageException run() {
    boolean isNew = !assignment.ready().isEmpty();
    boolean isDue = !steady.instant().isBefore(nextSample);
    if (!isNew && !isDue) {
      return null;
    }
    if (!breaker.tryAcquire()) {
      return isNew ? RunningSink.stillOut() : null;
    }
    boolean wasOpen = connections.isOpen();
    RedisOutageException met = query(isDue);
    if (met != null && wasOpen) {
      // servers may close idle connections, which is no outage
      met = query(isDue);
    }
    if (met != null) {
      metrics.all().forEach(each -> each.error(RedisErrorKind.OUTAGE));
    }
    return breaker.report(met);
  }

  private @Nullable RedisOutageException query(boolean isDue) {
    try {
      Map<TopicPartition, Long> ready = assignment.ready();
      if (!ready.isEmpty()) {
        delivery.begin(ready);
        ready.forEach(
            (partition, position) -> {
              if (assignment.isDoubtful(partition)) {
                rewinds.requestInPlace(partition, position);
              }
            });
        assignment.begin(ready.keySet());
      }
      if (isDue) {
        delivery.check();
        metrics.sample(connections, assignment.streams());
        nextSample = steady.instant().plus(SAMPLE_INTERVAL);
      }
      return null;
    } catch (RedisOutageException e) {
      connections.close();
      return e;
    }
  }
}
