/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
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
    return new Positions(SlotKeys.sibling(stream, "offsets", connector));
  }

  /** The topic-partition's field. */
  String field(TopicPartition partition) {
    return partition.toString();
  }

  /**
   * Lets the record at that offset and those after it be appended, again if they were before. A
   * position that lies below stays: what is left out, Kafka leaves out, so that nothing is lost if
   * it then refuses to move its own offset.
   *
   * @param next null or 0 to let all records be appended, whatever their offsets
   * @throws org.apache.kafka.connect.errors.ConnectException if Redis does not answer or refuses
   */
  public void lowerTo(RedisConnection connection, TopicPartition partition, @Nullable Long next) {
    if (next == null || next == 0) {
      connection.call(Command.of("HDEL", key, field(partition)));
    } else if (last(connection, partition) >= next) {
      String position = (next - 1) + " " + UNKNOWN_TIMESTAMP;
      connection.call(Command.of("HSET", key, field(partition), position));
    }
  }

  private long last(RedisConnection connection, TopicPartition partition) {
    String position = Replies.text(connection.call(Command.of("HGET", key, field(partition))));
    if (position == null) {
      return -1;
    }
    // -1 is left by a first record that was refused
    if (!position.matches("-?\\d{1,19} -?\\d{1,19}")) {
      throw new ConnectException(
          "field "
              + field(partition)
              + " of hash "
              + key
              + " holds no position (an offset and a timestamp): somebody else wrote it. Reset the offset of this"
              + " partition (a null offset) to remove it.");
    }
    return Long.parseLong(position.substring(0, position.indexOf(' ')));
  }
}
