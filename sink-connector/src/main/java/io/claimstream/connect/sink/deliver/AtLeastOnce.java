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

/** Delivery by plain pipelined appends. Redis stores nothing about Kafka. */
public final class AtLeastOnce implements DeliveryStrategy {
  private final StreamConnections connections;
  private final StreamWriter writer;
  private final String connector;
  private final UnaryOperator<String> streamOf;
  private final WriteLimit limit;
  private final Receipts receipts;

  /**
   * Creates a strategy that appends with that writer.
   *
   * @param connector the connector's name, under which exactly-once delivery stored offsets
   * @param streamOf maps a topic to its stream
   * @param limit the maximum in flight to one stream
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
   * Deletes offsets that exactly-once delivery stored. They fall behind with the next append, and a
   * later change back to exactly-once would take that for a loss.
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
    // no offsets to compare
  }

  @Override
  public void check() {
    // no offsets to store
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
    // no state
  }
}
