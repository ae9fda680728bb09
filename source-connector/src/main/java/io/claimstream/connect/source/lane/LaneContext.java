/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.metrics.StreamMetrics;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One lane of a running task with what all of its parts share.
 *
 * @param index index of the lane among those of its stream, from 0
 * @param group the stream and its consumer group
 * @param connector the connector's name
 * @param settings settings of the connector
 * @param connections the lane's connections to Redis
 * @param offsets Connect's stored offsets
 * @param metrics metrics of the stream
 * @param clock steady time
 */
public record LaneContext(
    int index,
    ConsumerGroup group,
    String connector,
    LaneSettings settings,
    LaneConnections connections,
    StoredOffsets offsets,
    StreamMetrics metrics,
    InstantSource clock) {

  /** The name of the lane's consumer. */
  public String consumer() {
    return Lane.consumer(connector, index);
  }

  /** Whether it is the first lane of the stream, which also cares for consumers without a lane. */
  public boolean isFirst() {
    return index == 0;
  }

  /** Connect's offset of a consumer of this task when it started; null if there was none. */
  public @Nullable SourceOffset offsetAtStart(String consumer) {
    return offsets.atStart(new SourcePartition(group, consumer));
  }

  /** Looks up Connect's offset of a consumer of the group. */
  public Optional<SourceOffset> offset(String consumer) {
    SourcePartition partition = new SourcePartition(group, consumer);
    return Optional.ofNullable(offsets.of(List.of(partition)).get(partition));
  }

  /** Looks up the offsets of the first {@code lanes} lanes of the stream, in their order. */
  public List<Optional<SourceOffset>> laneOffsets(int lanes) {
    List<SourcePartition> partitions =
        IntStream.range(0, lanes)
            .mapToObj(each -> new SourcePartition(group, Lane.consumer(connector, each)))
            .toList();
    Map<SourcePartition, SourceOffset> found = offsets.of(partitions);
    return partitions.stream().map(partition -> Optional.ofNullable(found.get(partition))).toList();
  }
}
