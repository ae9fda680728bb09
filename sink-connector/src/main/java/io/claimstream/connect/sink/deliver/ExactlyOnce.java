/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisErrors;
import io.claimstream.connect.redis.error.RedisOperatorException;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.error.RedisRecordException;
import io.claimstream.connect.sink.write.Retention;
import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.StreamConnections;
import io.claimstream.connect.sink.write.WriteOutcome;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends by a script that stores, in the same atomic step, the offset of the topic-partition's
 * last record, and that skips records whose offset is stored already: a repeated batch, a crash, a
 * rebalance and a zombie task all leave one entry per record.
 *
 * <p>The script stops at a record it cannot append. What comes after it in its topic-partition is
 * not tried before that record was put aside, since the stored position would claim it.
 *
 * <p>A re-created topic starts its offsets again, below the stored one. It is told from a repeated
 * batch by the records' timestamps: the script keeps the newest it has seen in the topic-partition,
 * and a record that would be skipped although it is newer than all of them cannot be a repeated
 * one. That fails the task; nothing of the new topic was appended then. Records without timestamps,
 * or with timestamps older than what was in the old topic, cannot be told apart.
 */
public final class ExactlyOnce implements DeliveryStrategy {
  private static final Logger LOG = LoggerFactory.getLogger(ExactlyOnce.class);

  /** Redis serves nobody else while the script runs. */
  private static final int CHUNK_BYTES = 1 << 20;

  /** Lua hands at most 8000 values to one call. */
  private static final int LARGEST_ENTRY = 7_800;

  private final StreamConnections connections;
  private final Retention retention;
  private final String connector;
  private final int chunkSize;

  /**
   * Appends over those connections.
   *
   * @param connector its name, under which positions are kept
   * @param chunkSize how many records one call of the script gets at most
   */
  public ExactlyOnce(
      StreamConnections connections, Retention retention, String connector, int chunkSize) {
    this.connections = connections;
    this.retention = retention;
    this.connector = connector;
    this.chunkSize = chunkSize;
  }

  @Override
  public List<WriteOutcome> deliver(List<StreamAppend> appends) {
    Map<Lane, List<StreamAppend>> byLane = new LinkedHashMap<>();
    for (StreamAppend append : appends) {
      Lane lane = new Lane(append.stream(), append.origin().partition());
      byLane.computeIfAbsent(lane, l -> new ArrayList<>()).add(append);
    }
    List<WriteOutcome> outcomes = new ArrayList<>(appends.size());
    Set<String> out = new HashSet<>();
    byLane.forEach(
        (lane, part) -> {
          if (!out.contains(lane.stream()) && deliver(lane, part, outcomes)) {
            out.add(lane.stream());
          }
        });
    return outcomes;
  }

  /** Returns whether Redis is out. */
  private boolean deliver(Lane lane, List<StreamAppend> appends, List<WriteOutcome> outcomes) {
    for (int from = 0; from < appends.size(); ) {
      List<StreamAppend> chunk = chunk(appends.subList(from, appends.size()));
      Result result = append(lane, chunk);
      chunk.subList(0, result.dealtWith()).forEach(a -> outcomes.add(WriteOutcome.done(a)));
      ConnectException failure = result.failure();
      if (failure != null) {
        outcomes.add(WriteOutcome.failed(chunk.get(result.dealtWith()), failure));
        return failure instanceof RedisOutageException;
      }
      from += chunk.size();
    }
    return false;
  }

  /** The first appends, at least one, that fit into one call. */
  private List<StreamAppend> chunk(List<StreamAppend> appends) {
    int size = 0;
    long bytes = 0;
    for (StreamAppend append : appends) {
      bytes += append.bytes();
      boolean fits = bytes <= CHUNK_BYTES && append.fields().size() <= LARGEST_ENTRY;
      if (size > 0 && (!fits || size == chunkSize)) {
        break;
      }
      size++;
    }
    return appends.subList(0, size);
  }

  private Result append(Lane lane, List<StreamAppend> chunk) {
    StreamAppend first = chunk.get(0);
    if (first.fields().size() > LARGEST_ENTRY) {
      return new Result(
          0,
          new RedisRecordException(
              "has "
                  + first.fields().size() / 2
                  + " fields, and redis.delivery=exactly-once can write "
                  + LARGEST_ENTRY / 2));
    }
    try {
      return call(lane, chunk);
    } catch (RedisOutageException e) {
      connections.drop(lane.stream());
      return new Result(0, e);
    }
  }

  private Result call(Lane lane, List<StreamAppend> chunk) {
    Positions positions = Positions.of(lane.stream(), connector);
    List<Command> trims = retention.trims(lane.stream());
    List<@Nullable Object> replies =
        AppendScript.call(
            connections.to(lane.stream()),
            lane.stream(),
            positions.key(),
            arguments(positions.field(lane.partition()), chunk),
            trims);
    List<@Nullable Object> reply =
        Replies.list(Replies.checked(replies.get(0), "EVALSHA of " + chunk.get(0)));
    int dealtWith = number(reply.get(0));
    int skipped = dealtWith - number(reply.get(1));
    if (skipped > 0) {
      LOG.info(
          "Skipped {} records from {} on: they are in stream {} already",
          skipped,
          chunk.get(0).origin(),
          lane.stream());
    }
    String error = String.valueOf(Replies.text(reply.get(2)));
    if (error.isEmpty()) {
      retention.check(lane.stream(), replies.subList(1, replies.size()));
      return new Result(dealtWith, null);
    }
    ConnectException failure = failure(error, chunk.get(dealtWith), positions);
    if (failure instanceof RedisOutageException) {
      connections.drop(lane.stream());
    }
    return new Result(dealtWith, failure);
  }

  private static List<Object> arguments(String field, List<StreamAppend> chunk) {
    List<Object> arguments = new ArrayList<>();
    arguments.add(field);
    for (StreamAppend append : chunk) {
      Long timestamp = append.record().timestamp();
      arguments.add(append.origin().offset());
      arguments.add(timestamp == null ? -1L : timestamp);
      arguments.add(append.fields().size());
      arguments.addAll(append.fields());
    }
    return arguments;
  }

  private ConnectException failure(String error, StreamAppend append, Positions positions) {
    TopicPartition partition = append.origin().partition();
    String position = "position " + positions.field(partition) + " in hash " + positions.key();
    return switch (error) {
      case "RECREATED" ->
          new RedisOperatorException(
              "record "
                  + append.origin()
                  + " is newer than all that were appended, yet its offset lies below the "
                  + position
                  + ": the topic was re-created. To append it from its beginning, stop the"
                  + " connector, PATCH /connectors/"
                  + connector
                  + "/offsets with kafka_offset 0 for kafka_topic "
                  + partition.topic()
                  + " and kafka_partition "
                  + partition.partition()
                  + ", and resume it",
              null);
      case "UNREADABLE" ->
          new RedisOperatorException(position + " was not written by this connector", null);
      default -> RedisErrors.toException(error, "XADD of " + append + ", with " + position + ",");
    };
  }

  private static int number(@Nullable Object reply) {
    if (reply instanceof Long number) {
      return number.intValue();
    }
    throw new ConnectException("append.lua returned " + reply + " in place of a number");
  }

  private record Lane(String stream, TopicPartition partition) {}

  /** How many appends of a chunk are in the stream, and why the next one is not. */
  private record Result(int dealtWith, @Nullable ConnectException failure) {}
}
