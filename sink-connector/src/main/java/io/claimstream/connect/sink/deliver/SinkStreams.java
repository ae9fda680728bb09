/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.write.Destination;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * The streams of a connector, and the offsets that it stores beside them.
 *
 * @param connector the connector's name, under which it stores offsets
 * @param destination maps a topic to its stream
 */
public record SinkStreams(String connector, Destination destination) {

  /** Returns the stream that receives the partition's records. */
  public String of(TopicPartition partition) {
    return destination.of(partition.topic());
  }

  /** Returns the offsets stored beside a stream. */
  public StoredOffsets offsets(String stream) {
    return StoredOffsets.of(destination.anchor(stream), connector);
  }

  /** Returns the offsets stored beside the partition's stream. */
  public StoredOffsets offsets(TopicPartition partition) {
    return offsets(of(partition));
  }

  /** Returns the partition's destination, for messages. */
  String describe(TopicPartition partition) {
    return destination.describe(of(partition));
  }

  /** Groups partitions by their streams. */
  Map<String, List<TopicPartition>> byStream(Collection<TopicPartition> partitions) {
    Map<String, List<TopicPartition>> byStream = new LinkedHashMap<>();
    partitions.forEach(
        partition ->
            byStream.computeIfAbsent(of(partition), stream -> new ArrayList<>()).add(partition));
    return byStream;
  }
}
