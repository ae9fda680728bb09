/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.sink.deliver.AppendScript.Call;
import io.claimstream.connect.sink.deliver.AppendScript.Result;
import io.claimstream.connect.sink.write.PipelinedWrite;
import io.claimstream.connect.sink.write.StreamConnections;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes stored offsets without appending, in one round trip to each master. Used by the
 * task's thread only, while nothing is in flight.
 */
final class OffsetStore {
  private final StreamConnections connections;
  private final String connector;
  private final UnaryOperator<String> streamOf;

  /**
   * Creates a store for a connector's offsets.
   *
   * @param streamOf maps a topic to its stream
   */
  OffsetStore(StreamConnections connections, String connector, UnaryOperator<String> streamOf) {
    this.connections = connections;
    this.connector = connector;
    this.streamOf = streamOf;
  }

  /**
   * Reads stored offsets.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if Redis does not reply or refuses, or
   *     if the key contains something else
   */
  Map<TopicPartition, Optional<StoredOffset>> read(Collection<TopicPartition> partitions) {
    Map<TopicPartition, Optional<StoredOffset>> stored = new HashMap<>();
    Map<List<TopicPartition>, PipelinedWrite> sent = new LinkedHashMap<>();
    connections.beginRound();
    try {
      byStream(partitions)
          .forEach(
              (stream, some) ->
                  sent.put(
                      some,
                      PipelinedWrite.send(connections, stream, List.of(in(stream).read(some)))));
      sent.forEach(
          (some, write) -> {
            StoredOffsets offsets = in(streamOf.apply(some.get(0).topic()));
            Object reply = Replies.checked(write.receive(1).get(0), "HMGET " + offsets.key());
            List<@Nullable Object> values = Replies.list(reply);
            for (int i = 0; i < some.size(); i++) {
              stored.put(some.get(i), offsets.parse(some.get(i), values.get(i)));
            }
          });
    } finally {
      connections.endRound();
    }
    return stored;
  }

  /** Calls the script once for each partition and returns the result of each call. */
  Map<TopicPartition, Result> write(Map<TopicPartition, Call> calls) {
    Map<List<TopicPartition>, AppendScript> sent = new LinkedHashMap<>();
    Map<TopicPartition, Result> results = new HashMap<>();
    connections.beginRound();
    try {
      byStream(calls.keySet())
          .forEach(
              (stream, some) ->
                  sent.put(
                      some,
                      AppendScript.send(
                          connections,
                          stream,
                          in(stream),
                          some.stream().map(calls::get).toList(),
                          List.of())));
      sent.forEach(
          (some, script) -> {
            List<Result> received = script.receiveAll();
            for (int i = 0; i < some.size(); i++) {
              results.put(some.get(i), received.get(i));
              if (received.get(i).failure() instanceof RedisOutageException) {
                connections.giveUp(streamOf.apply(some.get(i).topic()));
              }
            }
          });
    } finally {
      connections.endRound();
    }
    return results;
  }

  private StoredOffsets in(String stream) {
    return StoredOffsets.of(stream, connector);
  }

  private Map<String, List<TopicPartition>> byStream(Collection<TopicPartition> partitions) {
    Map<String, List<TopicPartition>> byStream = new HashMap<>();
    for (TopicPartition partition : partitions) {
      byStream
          .computeIfAbsent(streamOf.apply(partition.topic()), stream -> new ArrayList<>())
          .add(partition);
    }
    return byStream;
  }
}
