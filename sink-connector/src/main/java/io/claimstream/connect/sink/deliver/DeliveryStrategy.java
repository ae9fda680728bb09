/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamAppend;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * Brings appends into their streams. What is sent is received later, so that Redis can work while
 * the task does something else. Used by the task's thread only.
 */
public sealed interface DeliveryStrategy permits AtLeastOnce, ExactlyOnce {

  /**
   * Prepares partitions for their first record. Nothing may be in flight. After an exception the
   * same partitions are to be begun again.
   *
   * @param positions for each partition, the offset of the record that Kafka hands over next
   * @throws io.claimstream.connect.redis.error.RedisOutageException if Redis does not answer
   * @throws org.apache.kafka.connect.errors.ConnectException if the task must stop
   */
  void begin(Map<TopicPartition, Long> positions);

  /**
   * Looks at the first record of a partition that a put brings.
   *
   * @return whether the partition's records may be taken; otherwise they are to be dropped, and
   *     come again from elsewhere
   * @throws org.apache.kafka.connect.errors.ConnectException if the task must stop
   */
  boolean accept(RecordOrigin first);

  /**
   * Notes what a put has taken of a partition.
   *
   * @param last its last record
   * @param newest the newest timestamp of its records; -1 if they have none
   */
  void took(RecordOrigin last, long newest);

  /**
   * Compares what Redis holds with what it acknowledged, for when there is nothing to append.
   * Nothing may be in flight.
   *
   * @throws io.claimstream.connect.redis.error.RedisOutageException if Redis does not answer
   * @throws org.apache.kafka.connect.errors.ConnectException if the task must stop
   */
  void check();

  /**
   * Sends the first of what is given, in one go per stream and in the order given within one
   * partition and stream. Nothing else may be in flight. Whatever fails is reported by {@link
   * #receive}.
   *
   * @param appends what is not in its stream yet, perhaps sent before
   */
  void send(List<StreamAppend> appends);

  /**
   * Waits for the replies to what is in flight. An append without an outcome was not tried, or its
   * outcome is unknown: it is to be sent again once those before it are written or, if they were
   * rejected, dead-lettered. Nothing is in flight afterwards.
   */
  Received receive();

  /**
   * Which of the offsets that Connect would commit are safe, after storing in Redis what is to be
   * known of them later. Nothing may be in flight.
   *
   * @param settled for each partition an offset below which every record is dealt with
   * @param isAvailable whether Redis may be asked; without it, less may be safe
   * @return the offset to commit, at most the given one; nothing for partitions that were not begun
   */
  Map<TopicPartition, Long> commit(Map<TopicPartition, Long> settled, boolean isAvailable);

  /** Gives up partitions. Nothing may be in flight. */
  void end(Collection<TopicPartition> partitions);
}
