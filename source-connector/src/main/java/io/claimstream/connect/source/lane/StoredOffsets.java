/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;

/**
 * Connect's stored offsets of the source. Each lookup reads Connect's offsets topic to its end, so
 * one lookup should cover all partitions that are needed. Task thread only.
 */
public final class StoredOffsets {
  private final OffsetStorageReader reader;
  private final Map<SourcePartition, SourceOffset> atStart;

  /**
   * Creates the offsets of one task.
   *
   * @param needed partitions whose offsets are looked up now
   */
  public StoredOffsets(OffsetStorageReader reader, Collection<SourcePartition> needed) {
    this.reader = reader;
    this.atStart = of(needed);
  }

  /** The offset that a partition had when the task started; null if it had none. */
  @Nullable SourceOffset atStart(SourcePartition partition) {
    return atStart.get(partition);
  }

  /**
   * Looks up the offsets of these partitions; partitions without an offset are omitted.
   *
   * @throws ConnectException if a stored offset is unknown to this version of the connector
   */
  Map<SourcePartition, SourceOffset> of(Collection<SourcePartition> partitions) {
    Map<Map<String, String>, Map<String, Object>> stored =
        reader.offsets(partitions.stream().map(SourcePartition::toMap).toList());
    Map<SourcePartition, SourceOffset> offsets = new HashMap<>();
    for (SourcePartition partition : partitions) {
      Map<String, Object> offset = stored.get(partition.toMap());
      if (offset != null) {
        offsets.put(partition, parse(partition.toMap(), offset));
      }
    }
    return offsets;
  }

  /**
   * Parses an offset that Connect has stored.
   *
   * @throws ConnectException if it is unknown to this version of the connector; the message names
   *     the partition
   */
  public static SourceOffset parse(Map<String, String> partition, Map<String, Object> offset) {
    try {
      return SourceOffset.parse(offset);
    } catch (IllegalArgumentException e) {
      throw new ConnectException(
          "Connect's offset of partition "
              + partition
              + " cannot be used: "
              + e.getMessage()
              + ". Or stop the connector and PATCH /connectors/<name>/offsets with an id for this"
              + " partition, from which it then reads",
          e);
    }
  }
}
