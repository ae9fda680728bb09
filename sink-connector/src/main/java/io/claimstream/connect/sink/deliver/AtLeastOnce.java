/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.StreamWriter;
import io.claimstream.connect.sink.write.WriteOutcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Plain pipelined appends: Redis remembers nothing about Kafka. */
public final class AtLeastOnce implements DeliveryStrategy {
  private final StreamWriter writer;
  private final int chunkSize;

  /**
   * Appends by that writer.
   *
   * @param chunkSize how many records travel in one round trip at most
   */
  public AtLeastOnce(StreamWriter writer, int chunkSize) {
    this.writer = writer;
    this.chunkSize = chunkSize;
  }

  @Override
  public List<WriteOutcome> deliver(List<StreamAppend> appends) {
    Map<String, List<StreamAppend>> byStream = new LinkedHashMap<>();
    appends.forEach(a -> byStream.computeIfAbsent(a.stream(), s -> new ArrayList<>()).add(a));
    List<WriteOutcome> outcomes = new ArrayList<>(appends.size());
    byStream.forEach(
        (stream, part) ->
            outcomes.addAll(
                writer.append(stream, part.subList(0, Math.min(chunkSize, part.size())))));
    return outcomes;
  }
}
