/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.sink.write.RecordOrigin;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * The exceptions that stop a task because it is unknown which records its streams contain. Each
 * names the remedies.
 *
 * @param streams the streams and the offsets beside them
 * @param tracker the offsets that are known
 */
record OffsetErrors(SinkStreams streams, OffsetTracker tracker) {

  /** Returns the exception for partitions whose stored offsets are missing. */
  ConnectException gone(Collection<TopicPartition> partitions) {
    String offsets =
        partitions.stream().map(this::describeGone).sorted().collect(Collectors.joining(", "));
    return new RedisConfigurationException(
        "stored offsets are missing: "
            + offsets
            + ". Redis was emptied or the key was deleted, so it is unknown which of their"
            + " records Redis still contains. Either restart the task to continue at Kafka's committed"
            + " offsets, or stop the connector, PATCH /connectors/"
            + streams.connector()
            + "/offsets with the kafka_offset from which to write records again, and resume it",
        null);
  }

  private String describeGone(TopicPartition partition) {
    return partition
        + " for "
        + streams.describe(partition)
        + " ("
        + streams.offsets(partition).describe(partition)
        + ", which was "
        + tracker.last(partition).map(StoredOffset::offset).map(String::valueOf).orElse("unknown")
        + ")";
  }

  /**
   * Returns the exception for records that would be skipped although they cannot be in the stream.
   */
  ConnectException recreated(List<RecordOrigin> firsts) {
    String records = firsts.stream().map(this::describeRecreated).collect(Collectors.joining("; "));
    String ways =
        firsts.stream()
            .map(first -> first.partition().topic())
            .distinct()
            .map(this::remedies)
            .collect(Collectors.joining(". "));
    return new RedisConfigurationException(
        "Kafka no longer has the committed offset and delivers records that are newer than all"
            + " written ones, but the stored offsets cover their offsets: the topic was recreated,"
            + " or its offsets were reset and a transform changes the timestamps. "
            + records
            + ". "
            + ways,
        null);
  }

  private String describeRecreated(RecordOrigin first) {
    TopicPartition partition = first.partition();
    return "record "
        + first
        + ", while "
        + streams.offsets(partition).describe(partition)
        + " is at "
        + tracker.last(partition).map(StoredOffset::offset).map(String::valueOf).orElse("none");
  }

  /**
   * Returns the exception for a consumer that has moved back, as it does when the log ends before
   * its position: offsets then stand for other records.
   */
  ConnectException movedBack(RecordOrigin first) {
    return new RedisConfigurationException(
        "Kafka delivered record "
            + first
            + " after offset "
            + (tracker.reached(first.partition()) - 1)
            + ": the topic was recreated or its log was truncated, and its offsets now stand for"
            + " other records than those written to "
            + streams.describe(first.partition())
            + ". "
            + remedies(first.partition().topic()),
        null);
  }

  private String remedies(String topic) {
    List<Integer> partitions =
        tracker.partitions().stream()
            .filter(partition -> partition.topic().equals(topic))
            .map(TopicPartition::partition)
            .sorted()
            .toList();
    return "To write it from its beginning, stop the connector, PATCH /connectors/"
        + streams.connector()
        + "/offsets with kafka_offset 0 for all partitions of kafka_topic "
        + topic
        + " (this task has "
        + partitions
        + "), and resume it. To continue after a record that was written already, set the"
        + " offset after it instead";
  }
}
