/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.redis.retry.OutageBreaker;
import io.claimstream.connect.redis.retry.RetryLimits;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.StartPosition;
import io.claimstream.connect.source.metrics.StreamMetrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.storage.OffsetStorageReader;

/** Lanes of a connector named {@code c} that Connect has no offsets of. */
public final class TestLanes {

  private TestLanes() {}

  /** Returns a lane with the given settings. */
  public static LaneContext lane(
      int index,
      ConsumerGroup group,
      LaneSettings settings,
      RedisConnections redis,
      InstantSource clock) {
    OutageBreaker breaker =
        new OutageBreaker("lane", new RetryLimits(Optional.empty(), Duration.ofSeconds(10)), clock);
    return new LaneContext(
        index,
        group,
        "c",
        settings,
        new LaneConnections(redis, group.stream(), breaker),
        new StoredOffsets(new NoOffsets(), List.of()),
        new StreamMetrics(UnpublishedMetrics.task(), group, TaskClock.system()),
        clock);
  }

  /** Returns settings with the values of interest. */
  public static LaneSettings settings(int lanesPerStream, int maxDeliveries) {
    return new LaneSettings(
        lanesPerStream,
        StartPosition.parse("0"),
        true,
        1_000,
        new DeliveryLimit(maxDeliveries),
        false,
        Optional.empty(),
        Duration.ofSeconds(5));
  }

  private static final class NoOffsets implements OffsetStorageReader {
    @Override
    public <T> Map<String, Object> offset(Map<String, T> partition) {
      return Map.of();
    }

    @Override
    public <T> Map<Map<String, T>, Map<String, Object>> offsets(
        Collection<Map<String, T>> partitions) {
      return new HashMap<>();
    }
  }
}
