/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.StreamConnections;
import io.claimstream.connect.sink.write.StreamWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.TopicPartition;

/** Plain pipelined appends: Redis remembers nothing about Kafka. */
public final class AtLeastOnce implements DeliveryStrategy {
  private final StreamConnections connections;
  private final StreamWriter writer;
  private final String connector;
  private final UnaryOperator<String> streamOf;
  private final WriteLimit limit;
  private final Receipts receipts;

  /**
   * Appends by that writer.
   *
   * @param connector its name, under which offsets were stored while delivery was exactly-once
   * @param streamOf the stream of a topic's records
   * @param limit what is in flight to one stream at most
   */
  public AtLeastOnce(
      StreamConnections connections,
      StreamWriter writer,
      String connector,
      UnaryOperator<String> streamOf,
      WriteLimit limit) {
    this.connections = connections;
    this.writer = writer;
    this.connector = connector;
    this.streamOf = streamOf;
    this.limit = limit;
    this.receipts = new Receipts(connections);
  }

  /**
   * Deletes offsets that were stored by exactly-once delivery: they will be behind as soon as
   * anything is appended, and a later change back would take that for a loss.
   */
  @Override
  public void begin(Map<TopicPartition, Long> positions) {
    Map<String, List<TopicPartition>> byStream = new LinkedHashMap<>();
    for (TopicPartition partition : positions.keySet()) {
      byStream
          .computeIfAbsent(streamOf.apply(partition.topic()), stream -> new ArrayList<>())
          .add(partition);
    }
    byStream.forEach(
        (stream, partitions) ->
            connections.to(stream).call(StoredOffsets.of(stream, connector).delete(partitions)));
  }

  @Override
  public boolean accept(RecordOrigin first) {
    return true;
  }

  @Override
  public void took(RecordOrigin last, long newest) {
    // nothing is compared
  }

  @Override
  public void check() {
    // nothing is stored
  }

  @Override
  public void send(List<StreamAppend> appends) {
    Map<String, List<StreamAppend>> byStream = new LinkedHashMap<>();
    for (StreamAppend append : appends) {
      byStream.computeIfAbsent(append.stream(), stream -> new ArrayList<>()).add(append);
    }
    connections.beginRound();
    byStream.forEach(
        (stream, part) -> receipts.expect(writer.send(stream, limit.first(part))::receive));
  }

  @Override
  public Received receive() {
    return receipts.receive();
  }

  @Override
  public Map<TopicPartition, Long> commit(Map<TopicPartition, Long> settled, boolean isAvailable) {
    return settled;
  }

  @Override
  public void end(Collection<TopicPartition> partitions) {
    // nothing is kept
  }
}
