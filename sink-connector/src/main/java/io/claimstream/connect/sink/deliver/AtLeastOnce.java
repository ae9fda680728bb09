/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.StreamWriter;
import io.claimstream.connect.sink.write.WriteOutcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Plain pipelined appends: Redis remembers nothing about Kafka. */
public final class AtLeastOnce implements DeliveryStrategy {
  private final StreamWriter writer;
  private final WriteLimit limit;
  private final Receipts receipts = new Receipts();

  /**
   * Appends by that writer.
   *
   * @param limit what is on its way to one stream at most
   */
  public AtLeastOnce(StreamWriter writer, WriteLimit limit) {
    this.writer = writer;
    this.limit = limit;
  }

  @Override
  public void send(List<StreamAppend> appends) {
    Map<String, List<StreamAppend>> byStream = new LinkedHashMap<>();
    for (StreamAppend append : appends) {
      byStream.computeIfAbsent(append.stream(), stream -> new ArrayList<>()).add(append);
    }
    byStream.forEach(
        (stream, part) -> receipts.expect(writer.send(stream, limit.first(part))::receive));
  }

  @Override
  public void receive(Consumer<WriteOutcome> outcomes) {
    receipts.receive(outcomes);
  }
}
