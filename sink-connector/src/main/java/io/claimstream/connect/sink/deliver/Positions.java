/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.SlotKeys;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Where a connector keeps, beside a stream, which records of each topic-partition are in it: a hash
 * with a field per topic-partition, its value {@code <last offset> <newest timestamp seen>}.
 *
 * @param key the hash's key, in the stream's slot
 */
public record Positions(String key) {
  private static final String UNKNOWN_TIMESTAMP = "-1";

  /** The positions of that connector in that stream. */
  public static Positions of(String stream, String connector) {
    return new Positions(SlotKeys.sibling(stream, "positions", connector));
  }

  /** The topic-partition's field. */
  String field(TopicPartition partition) {
    return partition.toString();
  }

  /**
   * The command after which the record at that offset is the next to be appended.
   *
   * @param next null or 0 to append all records, whatever their offsets
   */
  public Command moveTo(TopicPartition partition, @Nullable Long next) {
    return next == null || next == 0
        ? Command.of("HDEL", key, field(partition))
        : Command.of("HSET", key, field(partition), (next - 1) + " " + UNKNOWN_TIMESTAMP);
  }
}
