/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.error.RedisErrors;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.retention.Retention;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.metrics.StreamMetrics.Count;
import io.claimstream.connect.sink.write.InFlight;
import io.claimstream.connect.sink.write.OutcomeHandler;
import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.StreamConnections;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/** Delivery by plain pipelined {@code XADD}. Redis stores nothing about Kafka. */
public final class AtLeastOnce implements DeliveryStrategy {
  private static final byte[] NEXT_ID = {'*'};

  private final StreamConnections connections;
  private final SinkStreams streams;
  private final WriteLimit limit;
  private final Retention retention;
  private final SinkMetrics metrics;

  /**
   * Creates a strategy that appends over those connections.
   *
   * @param limit the maximum in flight to one stream
   */
  public AtLeastOnce(
      StreamConnections connections,
      SinkStreams streams,
      WriteLimit limit,
      Retention retention,
      SinkMetrics metrics) {
    this.connections = connections;
    this.streams = streams;
    this.limit = limit;
    this.retention = retention;
    this.metrics = metrics;
  }

  /**
   * Deletes offsets that exactly-once delivery stored. They fall behind with the next append, and a
   * later change back to exactly-once would take that for a loss.
   */
  @Override
  public void begin(Map<TopicPartition, Long> positions) {
    streams
        .byStream(positions.keySet())
        .forEach(
            (stream, partitions) ->
                connections.to(stream).call(streams.offsets(stream).delete(partitions)));
  }

  @Override
  public void send(List<StreamAppend> appends, Consumer<InFlight> sent) {
    Map<String, List<StreamAppend>> byStream = new LinkedHashMap<>();
    for (StreamAppend append : appends) {
      byStream.computeIfAbsent(append.stream(), stream -> new ArrayList<>()).add(append);
    }
    byStream.forEach((stream, part) -> sent.accept(send(stream, limit.first(part))));
  }

  private InFlight send(String stream, List<StreamAppend> appends) {
    List<Command> trims = retention.trims(stream);
    byte[] key = stream.getBytes(StandardCharsets.UTF_8);
    List<Command> commands = new ArrayList<>(appends.size() + trims.size());
    for (StreamAppend append : appends) {
      commands.add(Command.of("XADD", key, NEXT_ID).addAll(append.parts()));
    }
    commands.addAll(trims);
    StreamConnections.Sent sent = connections.send(stream, commands);
    return outcomes -> receive(stream, appends, trims.size(), sent, outcomes);
  }

  private void receive(
      String stream,
      List<StreamAppend> appends,
      int trims,
      StreamConnections.Sent sent,
      OutcomeHandler outcomes) {
    long begin = System.nanoTime();
    int received = 0;
    int written = 0;
    boolean isOut = false;
    try {
      for (; received < appends.size(); received++) {
        // one by one: appends with a reply before the connection broke are in the stream
        StreamAppend append = appends.get(received);
        Object reply = sent.receive(1).get(0);
        if (reply instanceof ErrorReply error) {
          ConnectException cause = RedisErrors.toException(error.text(), "XADD of " + append);
          isOut |= cause instanceof RedisOutageException;
          outcomes.failed(append, cause);
        } else {
          written++;
          outcomes.written(append);
        }
      }
      metrics
          .of(stream)
          .wrote(
              sent.sending().plusNanos(System.nanoTime() - begin),
              appends.get(received - 1).record().timestamp());
      List<@Nullable Object> trimmed = sent.receive(trims);
      if (written == appends.size()) {
        retention.check(stream, trimmed);
      }
    } catch (RedisOutageException e) {
      isOut = true;
      appends.subList(received, appends.size()).forEach(append -> outcomes.unavailable(append, e));
    } finally {
      metrics.of(stream).add(Count.WRITTEN, written);
      if (isOut) {
        connections.giveUp(stream);
      }
    }
  }
}
