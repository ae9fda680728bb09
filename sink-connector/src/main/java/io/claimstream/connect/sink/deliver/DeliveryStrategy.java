/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.write.InFlight;
import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamAppend;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Appends records to their streams. Replies are received later, so that Redis can work while the
 * task does something else. A strategy without stored offsets only begins and sends. Used by the
 * task's thread only.
 */
public sealed interface DeliveryStrategy permits AtLeastOnce, ExactlyOnce {

  /**
   * Prepares partitions for their first record. Nothing may be in flight. After an exception, begin
   * must be called again for the same partitions.
   *
   * @param positions for each partition, the offset of the record that Kafka delivers next
   * @throws io.claimstream.connect.redis.error.RedisOutageException if Redis does not reply
   * @throws org.apache.kafka.connect.errors.ConnectException if the task must stop
   */
  void begin(Map<TopicPartition, Long> positions);

  /**
   * Checks the first record of a partition in a put.
   *
   * @return whether the partition's records may be accepted; otherwise the caller drops them, and
   *     Kafka redelivers from another offset
   * @throws org.apache.kafka.connect.errors.ConnectException if the task must stop
   */
  default boolean accept(RecordOrigin first) {
    return true;
  }

  /**
   * Records the range that a put has accepted from a partition.
   *
   * @param last the partition's last record
   * @param newest the newest timestamp of the records; -1 if they have none
   */
  default void took(RecordOrigin last, long newest) {}

  /**
   * Compares the offsets in Redis with the acknowledged ones. Called when there is nothing to
   * append. Nothing may be in flight.
   *
   * @throws io.claimstream.connect.redis.error.RedisOutageException if Redis does not reply
   * @throws org.apache.kafka.connect.errors.ConnectException if the task must stop
   */
  default void check() {}

  /**
   * Sends the first of the given appends: one pipeline per stream, in the given order within one
   * partition and stream. Nothing else may be in flight. {@link InFlight#receive} reports every
   * failure.
   *
   * @param appends the appends that are not in their streams yet; they may have been sent before
   * @param sent receives each pipeline as soon as it is in flight
   */
  void send(List<StreamAppend> appends, Consumer<InFlight> sent);

  /**
   * Stores progress in Redis and returns the offsets that are safe to commit. Nothing may be in
   * flight.
   *
   * @param settled for each partition, an offset below which every record is done
   * @param isAvailable whether Redis may be called; without it, fewer offsets may be safe
   * @return the offset to commit, at most the given one; absent for partitions that were not begun
   */
  default Map<TopicPartition, Long> commit(Map<TopicPartition, Long> settled, boolean isAvailable) {
    return settled;
  }

  /** Revokes partitions. Nothing may be in flight. */
  default void end(Collection<TopicPartition> partitions) {}
}
