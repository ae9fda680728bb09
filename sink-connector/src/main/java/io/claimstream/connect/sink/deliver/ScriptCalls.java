/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.LuaScript;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisErrors;
import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.StreamConnections;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/** Calls of a {@link RecordScript} for one stream that are in flight, and their replies. */
final class ScriptCalls {
  private static final long OTHER_VALUE = -1;

  /** Location of a script error, which Redis before 7.0 puts in front of the error code. */
  private static final Pattern PLACE = Pattern.compile("^@user_script: ?\\d+: -?");

  private final RecordScript script;
  private final StoredOffsets offsets;
  private final List<Call> calls;
  private final StreamConnections.Sent sent;
  private final int after;
  private List<@Nullable Object> repliesAfter = List.of();

  private ScriptCalls(
      RecordScript script,
      StoredOffsets offsets,
      List<Call> calls,
      StreamConnections.Sent sent,
      int after) {
    this.script = script;
    this.offsets = offsets;
    this.calls = calls;
    this.sent = sent;
    this.after = after;
  }

  /**
   * One call: appends records and stores an offset with them, or only stores an offset.
   *
   * @param partition the records' topic-partition
   * @param expected the stored offset that the call requires
   * @param next the offset to store
   * @param appends the records in order; none if {@code expected} is empty
   */
  record Call(
      TopicPartition partition,
      Optional<StoredOffset> expected,
      StoredOffset next,
      List<StreamAppend> appends) {}

  /**
   * The outcome of a call.
   *
   * @param call the call
   * @param answer the stored offset according to the reply
   * @param appended the number of its records in the stream
   * @param stored the offset that is stored now, unless the answer is {@link Answer#NONE}
   * @param failure the reason why the next record is not in the stream or nothing was done; null if
   *     the task need not stop
   */
  record Result(
      Call call,
      Answer answer,
      int appended,
      Optional<StoredOffset> stored,
      @Nullable ConnectException failure) {

    private static Result none(Call call, @Nullable ConnectException failure) {
      return new Result(call, Answer.NONE, 0, Optional.empty(), failure);
    }
  }

  /** The stored offset according to a reply. */
  enum Answer {
    /** The expected one. */
    EXPECTED,
    /** Another one; the call did nothing. */
    OTHER,
    /** Unknown: there is no reply, or an error. */
    NONE
  }

  /** Sends the calls, then the given commands. */
  static ScriptCalls send(
      RecordScript script,
      StreamConnections connections,
      String stream,
      StoredOffsets offsets,
      List<Call> calls,
      List<Command> after) {
    List<Command> commands = new ArrayList<>(calls.size() + after.size());
    for (Call call : calls) {
      // sends the full text once per round, so that a server that has lost the script loads it
      boolean isFirst = connections.isFirstOfRound(stream);
      List<Object> keys = script.keys(stream, offsets.key(), call.appends());
      LuaScript lua = script.lua();
      commands.add(
          arguments(script, call, offsets, isFirst ? lua.bySource(keys) : lua.byDigest(keys)));
    }
    commands.addAll(after);
    return new ScriptCalls(
        script, offsets, calls, connections.send(stream, commands), after.size());
  }

  private static Command arguments(
      RecordScript script, Call call, StoredOffsets offsets, Command command) {
    command
        .add(offsets.field(call.partition()))
        .add(call.expected().map(StoredOffset::toString).orElse(""))
        .add(call.next().offset())
        .add(call.next().rest());
    StringJoiner recordOffsets = new StringJoiner(" ");
    for (StreamAppend append : call.appends()) {
      recordOffsets.add(Long.toString(append.origin().offset()));
    }
    command.add(recordOffsets);
    for (StreamAppend append : call.appends()) {
      script.addParts(command, append);
    }
    return command;
  }

  /**
   * Returns the result of each call; if the replies do not arrive, each result is the exception.
   */
  List<Result> receiveAll() {
    try {
      return receive();
    } catch (ConnectException e) {
      return calls.stream().map(call -> Result.none(call, e)).toList();
    }
  }

  private List<Result> receive() {
    List<@Nullable Object> replies = sent.receive(calls.size() + after);
    repliesAfter = replies.subList(calls.size(), replies.size());
    List<Result> results = new ArrayList<>(calls.size());
    for (int i = 0; i < calls.size(); i++) {
      results.add(result(calls.get(i), replies.get(i)));
    }
    return results;
  }

  /**
   * Returns the replies to the commands after the calls. Requires that the calls' replies were
   * received.
   */
  List<@Nullable Object> repliesAfter() {
    return repliesAfter;
  }

  private Result result(Call call, @Nullable Object answer) {
    try {
      if (LuaScript.isUnknown(answer)) {
        return Result.none(call, null); // the server lost the script in the round: sent again
      }
      List<@Nullable Object> reply =
          Replies.list(Replies.checked(answer, "EVALSHA for " + call.partition()));
      long appended = number(reply.get(0));
      String error = PLACE.matcher(String.valueOf(Replies.text(reply.get(2)))).replaceFirst("");
      return new Result(
          call,
          appended == OTHER_VALUE ? Answer.OTHER : Answer.EXPECTED,
          (int) Math.max(0, appended),
          offsets.parse(call.partition(), reply.get(1)),
          error.isEmpty() ? null : failure(call, (int) appended, error));
    } catch (ConnectException e) {
      return Result.none(call, e);
    }
  }

  private ConnectException failure(Call call, int appended, String error) {
    String what =
        call.appends().isEmpty()
            ? "storing an offset"
            : script.describe(call.appends().get(appended));
    return RedisErrors.toException(error, what + ", with " + offsets.describe(call.partition()));
  }

  private static long number(@Nullable Object reply) {
    if (reply instanceof Long number) {
      return number;
    }
    throw new ConnectException("the script returned " + reply + " instead of a number");
  }

  /** Returns how long sending blocked the task. */
  Duration sending() {
    return sent.sending();
  }
}
