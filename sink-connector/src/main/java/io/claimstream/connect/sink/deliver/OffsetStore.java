/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.sink.deliver.ScriptCalls.Call;
import io.claimstream.connect.sink.deliver.ScriptCalls.Result;
import io.claimstream.connect.sink.write.StreamConnections;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads and writes stored offsets without appending, in one round trip to each master. Used by the
 * task's thread only, while nothing is in flight.
 *
 * @param script the script that also writes records
 * @param streams the streams beside which the offsets are stored
 */
record OffsetStore(RecordScript script, StreamConnections connections, SinkStreams streams) {
  private static final Durability MEMORY = new Durability(0, false);

  /**
   * Reads stored offsets.
   *
   * @return the offsets; absent for partitions without one
   * @throws org.apache.kafka.connect.errors.ConnectException if Redis does not reply or refuses, or
   *     if the key contains something else
   */
  Map<TopicPartition, StoredOffset> read(Collection<TopicPartition> partitions) {
    Map<TopicPartition, StoredOffset> stored = new HashMap<>();
    connections.round(
        streams.byStream(partitions),
        (stream, some) -> {
          StoredOffsets offsets = streams.offsets(stream);
          StreamConnections.Sent sent = connections.send(stream, List.of(offsets.read(some)));
          return () -> stored.putAll(offsets.parse(some, sent.receive(1).get(0)));
        });
    return stored;
  }

  /** Calls the script, at most once for each partition; returns the result of each call. */
  List<Result> write(Collection<Call> calls) {
    return write(calls, MEMORY, (stream, missing) -> {});
  }

  /**
   * Does the same, and waits until what was written over the connections is durable.
   *
   * @param late receives each stream whose writes may not be durable yet, with the reason
   */
  List<Result> write(
      Collection<Call> calls, Durability durability, BiConsumer<String, String> late) {
    List<Result> results = new ArrayList<>();
    Map<String, List<Call>> byStream =
        calls.stream().collect(Collectors.groupingBy(call -> streams.of(call.partition())));
    List<Command> wait = durability.commands(Math.max(1, byStream.size()));
    connections.round(
        byStream,
        (stream, some) -> {
          ScriptCalls sent =
              ScriptCalls.send(script, connections, stream, streams.offsets(stream), some, wait);
          return () -> {
            List<Result> received = sent.receiveAll();
            durability
                .missing(sent.repliesAfter())
                .ifPresent(missing -> late.accept(stream, missing));
            if (received.stream()
                .anyMatch(each -> each.failure() instanceof RedisOutageException)) {
              connections.giveUp(stream);
            }
            results.addAll(received);
          };
        });
    return results;
  }
}
