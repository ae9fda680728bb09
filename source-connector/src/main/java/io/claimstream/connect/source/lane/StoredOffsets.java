/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.group.ConsumerGroup;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.connect.storage.OffsetStorageReader;

/**
 * Connect's stored offsets of the source. Each lookup reads Connect's offsets topic to its end, so
 * one lookup should cover all partitions that are needed. Task thread only.
 */
public final class StoredOffsets {
  private final OffsetStorageReader reader;

  /** Creates the offsets of one task. */
  public StoredOffsets(OffsetStorageReader reader) {
    this.reader = reader;
  }

  /** Looks up the offsets of these partitions; partitions without an offset are omitted. */
  public Map<SourcePartition, SourceOffset> of(Collection<SourcePartition> partitions) {
    Map<Map<String, String>, Map<String, Object>> stored =
        reader.offsets(partitions.stream().map(SourcePartition::toMap).toList());
    Map<SourcePartition, SourceOffset> offsets = new HashMap<>();
    for (SourcePartition partition : partitions) {
      Map<String, Object> offset = stored.get(partition.toMap());
      if (offset != null) {
        offsets.put(partition, SourceOffset.parse(offset));
      }
    }
    return offsets;
  }

  /** Looks up the offsets of the first {@code lanes} lanes of a stream, in their order. */
  List<Optional<EntryId>> ofLanes(ConsumerGroup group, String connector, int lanes) {
    List<SourcePartition> partitions =
        IntStream.range(0, lanes)
            .mapToObj(index -> new SourcePartition(group, Lane.consumer(connector, index)))
            .toList();
    Map<SourcePartition, SourceOffset> found = of(partitions);
    return partitions.stream()
        .map(partition -> Optional.ofNullable(found.get(partition)).map(SourceOffset::id))
        .toList();
  }
}
