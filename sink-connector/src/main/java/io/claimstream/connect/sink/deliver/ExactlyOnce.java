/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisErrors;
import io.claimstream.connect.redis.error.RedisOperatorException;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.error.RedisRecordException;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.write.Retention;
import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.StreamConnections;
import io.claimstream.connect.sink.write.WriteOutcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
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

  /**
   * Redis serves nobody else while the script runs, and can work on one call while the next is on
   * its way.
   */
  private static final int CALLS = 5;

  private static final int CALL_ENTRIES = 100;
  private static final long CALL_BYTES = 1 << 17;

  private static final long NONE = -1;

  /** Lua hands at most 8000 values to one call. */
  private static final int LARGEST_ENTRY = 7_800;

  /** Before 7.0 Redis says where in the script an error was, in front of its code. */
  private static final Pattern PLACE = Pattern.compile("^@user_script: ?\\d+: -?");

  private final StreamConnections connections;
  private final Retention retention;
  private final String connector;
  private final WriteLimit roundLimit;
  private final WriteLimit callLimit;
  private final SinkMetrics metrics;
  private final Receipts receipts = new Receipts();

  /**
   * Appends over those connections.
   *
   * @param connector its name, under which positions are kept
   * @param limit what is on its way at most: entries of one partition, bytes of one stream
   */
  public ExactlyOnce(
      StreamConnections connections,
      Retention retention,
      String connector,
      WriteLimit limit,
      SinkMetrics metrics) {
    this.connections = connections;
    this.retention = retention;
    this.connector = connector;
    this.roundLimit = limit;
    this.callLimit =
        new WriteLimit(Math.min(CALL_ENTRIES, Math.max(1, limit.entries() / CALLS)), CALL_BYTES);
    this.metrics = metrics;
  }

  @Override
  public void send(List<StreamAppend> appends) {
    Map<String, Map<TopicPartition, List<StreamAppend>>> byStream = new LinkedHashMap<>();
    for (StreamAppend append : appends) {
      byStream
          .computeIfAbsent(append.stream(), stream -> new LinkedHashMap<>())
          .computeIfAbsent(append.origin().partition(), partition -> new ArrayList<>())
          .add(append);
    }
    byStream.forEach((stream, parts) -> send(stream, parts.values()));
  }

  private void send(String stream, Collection<List<StreamAppend>> parts) {
    List<Chunk> chunks = new ArrayList<>();
    WriteLimit limit = roundLimit;
    for (List<StreamAppend> part : parts) {
      if (isTooLarge(part.get(0))) {
        receipts.expect(outcomes -> outcomes.accept(tooLarge(part.get(0))));
      } else if (limit.hasRoom()) {
        List<StreamAppend> round = upToTooLarge(limit.first(part));
        limit = limit.beside(round);
        addChunks(round, chunks);
      }
    }
    if (!chunks.isEmpty()) {
      Positions positions = Positions.of(stream, connector);
      List<Consumer<Command>> calls = new ArrayList<>(chunks.size());
      chunks.forEach(chunk -> calls.add(call -> addArguments(call, positions, chunk)));
      AppendScript script =
          AppendScript.send(connections, stream, positions.key(), calls, retention.trims(stream));
      receipts.expect(outcomes -> receive(stream, chunks, script, outcomes));
    }
  }

  /** What comes after one that is too large has to wait until that one was put aside. */
  private static List<StreamAppend> upToTooLarge(List<StreamAppend> appends) {
    int size = 1;
    while (size < appends.size() && !isTooLarge(appends.get(size))) {
      size++;
    }
    return appends.subList(0, size);
  }

  private void addChunks(List<StreamAppend> round, List<Chunk> chunks) {
    List<StreamAppend> rest = round;
    long after = NONE;
    long newest = NONE;
    while (!rest.isEmpty()) {
      List<StreamAppend> appends = callLimit.first(rest);
      chunks.add(new Chunk(appends, after, newest));
      after = appends.get(appends.size() - 1).origin().offset();
      for (StreamAppend append : appends) {
        newest = Math.max(newest, timestamp(append));
      }
      rest = rest.subList(appends.size(), rest.size());
    }
  }

  @Override
  public void receive(Consumer<WriteOutcome> outcomes) {
    receipts.receive(outcomes);
  }

  private void receive(
      String stream, List<Chunk> chunks, AppendScript script, Consumer<WriteOutcome> outcomes) {
    List<Result> results = tryResults(stream, chunks, script);
    Set<TopicPartition> stopped = new HashSet<>();
    for (int i = 0; i < chunks.size(); i++) {
      List<StreamAppend> appends = chunks.get(i).appends();
      int dealtWith = results.get(i).dealtWith();
      if (stopped.contains(chunks.get(i).partition())) {
        continue;
      }
      appends.subList(0, dealtWith).forEach(append -> outcomes.accept(WriteOutcome.done(append)));
      ConnectException failure = results.get(i).failure();
      if (failure != null) {
        outcomes.accept(WriteOutcome.failed(appends.get(dealtWith), failure));
      }
      if (dealtWith < appends.size()) {
        stopped.add(chunks.get(i).partition());
      }
    }
    if (results.stream().anyMatch(result -> result.failure() instanceof RedisOutageException)) {
      connections.drop(stream);
    }
  }

  private static boolean isTooLarge(StreamAppend append) {
    return append.fields().size() > LARGEST_ENTRY;
  }

  private static WriteOutcome tooLarge(StreamAppend append) {
    return WriteOutcome.failed(
        append,
        new RedisRecordException(
            "has "
                + append.fields().size() / 2
                + " fields, and redis.delivery=exactly-once can write "
                + LARGEST_ENTRY / 2));
  }

  /** What was appended although its reply was lost is passed over by the next try. */
  private List<Result> tryResults(String stream, List<Chunk> chunks, AppendScript script) {
    try {
      return results(stream, chunks, script);
    } catch (RedisOutageException e) {
      return Collections.nCopies(chunks.size(), new Result(0, e));
    }
  }

  private List<Result> results(String stream, List<Chunk> chunks, AppendScript script) {
    Positions positions = Positions.of(stream, connector);
    long begin = System.nanoTime();
    List<@Nullable Object> replies = script.receive();
    List<StreamAppend> last = chunks.get(chunks.size() - 1).appends();
    metrics
        .of(stream)
        .wrote(
            script.sending().plusNanos(System.nanoTime() - begin),
            last.get(last.size() - 1).record().timestamp());
    List<Result> results = new ArrayList<>(chunks.size());
    for (int i = 0; i < chunks.size(); i++) {
      results.add(result(chunks.get(i).appends(), positions, replies.get(i)));
    }
    if (results.stream().allMatch(result -> result.failure() == null)) {
      retention.check(stream, replies.subList(chunks.size(), replies.size()));
    }
    return results;
  }

  private Result result(List<StreamAppend> chunk, Positions positions, @Nullable Object answer) {
    StreamAppend first = chunk.get(0);
    List<@Nullable Object> reply = Replies.list(Replies.checked(answer, "EVALSHA of " + first));
    int dealtWith = number(reply.get(0));
    int appended = number(reply.get(1));
    int skipped = dealtWith - appended;
    metrics.of(first.stream()).written().add(appended);
    metrics.of(first.stream()).skipped().add(skipped);
    if (skipped > 0) {
      LOG.info(
          "Skipped {} records from {} on: they are in stream {} already",
          skipped,
          first.origin(),
          first.stream());
    }
    String error = PLACE.matcher(String.valueOf(Replies.text(reply.get(2)))).replaceFirst("");
    return new Result(
        dealtWith, error.isEmpty() ? null : failure(error, chunk.get(dealtWith), positions));
  }

  private static long timestamp(StreamAppend append) {
    Long timestamp = append.record().timestamp();
    return timestamp == null ? NONE : timestamp;
  }

  private static void addArguments(Command call, Positions positions, Chunk chunk) {
    call.add(positions.field(chunk.partition())).add(chunk.after()).add(chunk.newest());
    for (StreamAppend append : chunk.appends()) {
      call.add(append.origin().offset()).add(timestamp(append)).add(append.fields().size());
      call.addAll(append.fields());
    }
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

  /**
   * What one call of the script gets.
   *
   * @param appends of one partition
   * @param after the offset that the calls before it end with; it does nothing unless they did all
   * @param newest the newest timestamp in the calls before it
   */
  private record Chunk(List<StreamAppend> appends, long after, long newest) {
    StreamAppend first() {
      return appends.get(0);
    }

    TopicPartition partition() {
      return first().origin().partition();
    }
  }

  /** How many appends of a chunk are in the stream, and why the next one is not. */
  private record Result(int dealtWith, @Nullable ConnectException failure) {}
}
