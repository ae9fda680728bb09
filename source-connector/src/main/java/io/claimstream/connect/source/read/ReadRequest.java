/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.GuardedScript;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.GroupInfo;
import io.claimstream.connect.source.lane.LaneContext;
import io.claimstream.connect.source.lane.LaneOwnership;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Read of new entries in one round trip: waits if there are none, acknowledges, reads, and checks
 * the owner of the consumer.
 *
 * <p>The wait is a plain {@code XREAD} before the transaction, because Redis does not block inside
 * a transaction; it delivers nothing to the group. A Redis that is full rejects the transaction;
 * the request is then repeated with {@link #byScript}.
 */
final class ReadRequest {
  /** Maximum ids per command: a script can pass only several thousand arguments to a command. */
  private static final int MOST_IDS = 5_000;

  private final LaneContext lane;
  private final ConsumerGroup group;
  private final LaneOwnership ownership;
  private final int count;
  private final List<EntryId> acknowledging;
  private final Duration patience;
  private final List<Command> trims;
  private final List<Command> questions;
  private final boolean byScript;
  private final List<Command> commands = new ArrayList<>();

  /** Indexes of the first and last command of the atomic step. */
  private final int stepAt;

  private final int execAt;
  private Instant sent = Instant.MIN;
  private long waitedNanos;

  /** What became of a request. */
  enum Outcome {
    READ,
    /** A watched key was changed, so nothing was read or acknowledged. */
    REFUSED,
    /** The group or stream does not exist, so nothing was read. */
    GROUP_LOST,
    /** Redis is out of memory and rejected the transaction: nothing was read or acknowledged. */
    FULL
  }

  /**
   * Reply to a request.
   *
   * @param entries new entries, in order
   * @param before the group's state just before the read, in the same step; empty unless it was
   *     read
   * @param info the group's state just after the read; empty unless it was read
   * @param mine whether the owner key still has this task's value
   */
  record Answer(
      Outcome outcome,
      List<StreamEntry> entries,
      Optional<GroupInfo> before,
      Optional<GroupInfo> info,
      boolean mine) {

    private static Answer without(Outcome outcome, boolean mine) {
      return new Answer(outcome, List.of(), Optional.empty(), Optional.empty(), mine);
    }

    /**
     * Returns the number of entries that Redis counted as read with this read and did not deliver,
     * because the stream no longer contains them; 0 if it is unknown.
     */
    long skipped() {
      OptionalLong from = before.map(GroupInfo::read).orElse(OptionalLong.empty());
      OptionalLong to = info.map(GroupInfo::read).orElse(OptionalLong.empty());
      return entries.isEmpty() || from.isEmpty() || to.isEmpty()
          ? 0
          : Math.max(0, to.getAsLong() - from.getAsLong() - entries.size());
    }
  }

  /**
   * Creates a request, which also samples the stream's metrics if that is due.
   *
   * @param trims commands to execute after the acknowledgements, outside of the atomic step
   * @param waitFor positions to wait for, for at most {@code patience}; empty = do not wait
   */
  ReadRequest(
      LaneContext lane,
      LaneOwnership ownership,
      int count,
      List<EntryId> acknowledging,
      List<Command> trims,
      List<Awaited> waitFor,
      Duration patience) {
    this(
        lane,
        ownership,
        count,
        acknowledging,
        trims,
        waitFor,
        patience,
        lane.metrics().dueSamples(),
        false);
  }

  private ReadRequest(
      LaneContext lane,
      LaneOwnership ownership,
      int count,
      List<EntryId> acknowledging,
      List<Command> trims,
      List<Awaited> waitFor,
      Duration patience,
      List<Command> questions,
      boolean byScript) {
    this.lane = lane;
    this.group = lane.group();
    this.ownership = ownership;
    this.count = count;
    this.acknowledging = acknowledging;
    this.trims = trims;
    this.patience = patience;
    this.questions = questions;
    this.byScript = byScript;
    if (!waitFor.isEmpty()) {
      commands.add(wait(waitFor));
    }
    this.stepAt = commands.size();
    if (byScript) {
      commands.add(GuardedScript.call(ownership.watched(), group.stream(), step()));
    } else {
      commands.add(Command.of("MULTI"));
      commands.addAll(step());
      commands.add(Command.of("EXEC"));
    }
    this.execAt = commands.size() - 1;
    commands.addAll(ownership.rewatch());
    commands.addAll(questions);
    commands.addAll(trims);
  }

  /**
   * Returns the same request as a script, without a wait and with the current watched values, for a
   * Redis that is full.
   */
  ReadRequest byScript(List<EntryId> acknowledgingNow) {
    return new ReadRequest(
        lane,
        ownership,
        count,
        acknowledgingNow,
        List.of(),
        List.of(),
        Duration.ZERO,
        List.of(),
        true);
  }

  /** Returns the commands that are executed atomically. */
  private List<Command> step() {
    List<Command> all = new ArrayList<>();
    for (int from = 0; from < acknowledging.size(); from += MOST_IDS) {
      int to = Math.min(acknowledging.size(), from + MOST_IDS);
      all.add(group.ack(acknowledging.subList(from, to)));
    }
    // on both sides of the read, so that what other consumers read does not count
    all.add(group.infoCommand());
    all.add(group.readNew(lane.consumer(), count));
    all.add(group.infoCommand());
    return all;
  }

  private Command wait(List<Awaited> waitFor) {
    return Command.of("XREAD", "COUNT", 1, "BLOCK", Math.max(1, patience.toMillis()), "STREAMS")
        .addAll(waitFor.stream().map(Awaited::stream).toList())
        .addAll(waitFor.stream().map(Awaited::after).toList());
  }

  /** The maximum number of entries to read. */
  int count() {
    return count;
  }

  List<EntryId> acknowledging() {
    return acknowledging;
  }

  void send(RedisConnection connection) {
    sent = lane.clock().instant();
    connection.send(commands);
  }

  /** Whether it waits for new entries. */
  boolean waits() {
    return !patience.isZero();
  }

  /** Time that the task thread has waited for the reply. */
  Duration waited() {
    return Duration.ofNanos(waitedNanos);
  }

  /**
   * Whether Redis replies within {@code atMost}.
   *
   * @throws RedisOutageException if the reply is overdue by {@code redis.command.timeout.ms}
   */
  boolean isAnswered(RedisConnection connection, Duration atMost) {
    long begin = System.nanoTime();
    boolean answered = connection.awaitReply(atMost);
    waitedNanos += System.nanoTime() - begin;
    if (answered) {
      return true;
    }
    Duration waited = Duration.between(sent, lane.clock().instant());
    if (waited.compareTo(lane.settings().commandTimeout().plus(patience)) > 0) {
      throw new RedisOutageException(
          "Redis at "
              + connection.address()
              + " has not replied to a read of "
              + group
              + " for "
              + waited.toMillis()
              + " ms (redis.command.timeout.ms)",
          null);
    }
    return false;
  }

  /** Whether this request is a script from {@link #byScript}. */
  boolean isByScript() {
    return byScript;
  }

  /** Returns the replies to the sampling commands, after {@link #receive}. */
  List<@Nullable Object> answers(RedisConnection connection) {
    return connection.receive(questions.size(), Duration.ZERO);
  }

  /** Returns the replies to the trimming commands, which come last. */
  List<@Nullable Object> trimmed(RedisConnection connection) {
    return connection.receive(trims.size(), Duration.ZERO);
  }

  Answer receive(RedisConnection connection) {
    List<@Nullable Object> replies =
        connection.receive(commands.size() - questions.size() - trims.size(), patience);
    boolean full =
        !byScript && replies.subList(stepAt, execAt + 1).stream().anyMatch(GuardedScript::isNeeded);
    if (byScript) {
      GuardedScript.checked(replies.get(execAt), "a read of " + group);
    }
    for (int i = 0; i < replies.size(); i++) {
      if (!full || i < stepAt || i > execAt) {
        // an error while queueing has the reason; the EXECABORT after it does not
        Replies.checked(replies.get(i), commands.get(i));
      }
    }
    boolean mine =
        ownership.isMine(replies.get(replies.size() - 2), replies.get(replies.size() - 1));
    if (full) {
      return Answer.without(Outcome.FULL, mine);
    }
    Object exec = replies.get(execAt);
    if (exec == null) {
      return Answer.without(Outcome.REFUSED, mine);
    }
    List<@Nullable Object> results = Replies.list(exec);
    Object read = results.get(results.size() - 2);
    if (read instanceof ErrorReply error && ConsumerGroup.isLost(error)) {
      return Answer.without(Outcome.GROUP_LOST, mine);
    }
    for (Object acknowledged : results.subList(0, results.size() - 3)) {
      Replies.checked(acknowledged, "XACK " + group.stream());
    }
    List<StreamEntry> entries =
        Replies.entriesOfOneStream(Replies.checked(read, "XREADGROUP " + group.stream()));
    Optional<GroupInfo> before = group.parseInfo(results.get(results.size() - 3));
    Optional<GroupInfo> after = group.parseInfo(results.get(results.size() - 1));
    return new Answer(Outcome.READ, entries, before, after, mine);
  }
}
