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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One read of new entries in one round trip: wait if there is nothing, acknowledge, read, and look
 * who owns the lane.
 *
 * <p>The wait is a plain {@code XREAD} before the transaction, because Redis does not block inside
 * one; it delivers nothing to anybody. A Redis that is full refuses the transaction, and is asked
 * once more by {@link #byScript}.
 */
final class ReadRequest {
  /** In one command, of which a script may take some thousand words. */
  private static final int MOST_IDS = 5_000;

  private final ConsumerGroup group;
  private final String consumer;
  private final int count;
  private final List<EntryId> acknowledging;
  private final LaneOwnership ownership;
  private final SharedLanes shared;
  private final Duration patience;
  private final List<Command> commands = new ArrayList<>();
  private final int stepAt;
  private final int execAt;
  private final List<Command> questions;
  private final InstantSource clock;
  private Instant sent = Instant.MIN;
  private long waitedNanos;

  /**
   * What Redis answered.
   *
   * @param entries new entries, in order
   * @param info the group's state at that moment; empty if the group is lost
   * @param mine whether the lane's owner key still names this task
   * @param refused the owner key was touched: nothing was read or acknowledged
   * @param groupLost the group or stream does not exist: nothing was read
   * @param full Redis takes no transaction for want of memory: nothing was read or acknowledged
   * @param lanes the state of the stream's lanes, under which the next request reads
   */
  record Answer(
      List<StreamEntry> entries,
      Optional<GroupInfo> info,
      boolean mine,
      boolean refused,
      boolean groupLost,
      boolean full,
      LanesState lanes) {}

  ReadRequest(
      ConsumerGroup group,
      String consumer,
      int count,
      List<Awaited> waitFor,
      Duration patience,
      List<EntryId> acknowledging,
      LaneOwnership ownership,
      SharedLanes shared,
      List<Command> questions,
      InstantSource clock) {
    this.clock = clock;
    this.group = group;
    this.consumer = consumer;
    this.count = count;
    this.acknowledging = acknowledging;
    this.ownership = ownership;
    this.shared = shared;
    this.patience = patience;
    this.questions = questions;
    if (!waitFor.isEmpty()) {
      commands.add(wait(waitFor));
    }
    this.stepAt = commands.size();
    commands.add(Command.of("MULTI"));
    commands.addAll(step());
    this.execAt = commands.size();
    commands.add(Command.of("EXEC"));
    commands.addAll(ownership.rewatch());
    commands.addAll(questions);
  }

  private ReadRequest(ReadRequest refused, List<EntryId> acknowledging) {
    this.clock = refused.clock;
    this.group = refused.group;
    this.consumer = refused.consumer;
    this.count = refused.count;
    this.acknowledging = acknowledging;
    this.ownership = refused.ownership;
    this.shared = refused.shared;
    this.patience = Duration.ZERO;
    this.questions = List.of();
    this.stepAt = 0;
    this.execAt = 0;
    commands.add(GuardedScript.call(ownership.watched(), group.stream(), step()));
    commands.addAll(ownership.rewatch());
  }

  /** The same without a wait, under what the lane watches now, for a Redis that is full. */
  ReadRequest byScript(List<EntryId> acknowledgingNow) {
    return new ReadRequest(this, acknowledgingNow);
  }

  /** What is done as one step. */
  private List<Command> step() {
    List<Command> all = new ArrayList<>();
    for (int from = 0; from < acknowledging.size(); from += MOST_IDS) {
      int to = Math.min(acknowledging.size(), from + MOST_IDS);
      all.add(group.ack(acknowledging.subList(from, to)));
    }
    all.add(group.readNew(consumer, count));
    all.add(group.infoCommand());
    return all;
  }

  private Command wait(List<Awaited> waitFor) {
    return Command.of("XREAD", "COUNT", 1, "BLOCK", Math.max(1, patience.toMillis()), "STREAMS")
        .addAll(waitFor.stream().map(Awaited::stream).toList())
        .addAll(waitFor.stream().map(Awaited::after).toList());
  }

  List<EntryId> acknowledging() {
    return acknowledging;
  }

  void send(RedisConnection connection) {
    sent = clock.instant();
    connection.send(commands);
  }

  /** Whether it waits for new entries to come. */
  boolean waits() {
    return !patience.isZero();
  }

  /** How long the task thread has waited for the answer. */
  Duration waited() {
    return Duration.ofNanos(waitedNanos);
  }

  /**
   * Whether Redis answers within that time.
   *
   * @throws RedisOutageException if it has not for longer than it ever may
   */
  boolean isAnswered(RedisConnection connection, Duration atMost, Duration commandTimeout) {
    long begin = System.nanoTime();
    boolean answered = connection.awaitReply(atMost);
    waitedNanos += System.nanoTime() - begin;
    if (answered) {
      return true;
    }
    Duration waited = Duration.between(sent, clock.instant());
    if (waited.compareTo(commandTimeout.plus(patience)) > 0) {
      throw new RedisOutageException(
          "Redis at "
              + connection.address()
              + " has not answered a read of "
              + group
              + " for "
              + waited.toMillis()
              + " ms (redis.command.timeout.ms)",
          null);
    }
    return false;
  }

  /** Whether it is one of {@link #byScript}. */
  boolean isByScript() {
    return stepAt == execAt;
  }

  /** What Redis says to the questions, which come after all else. */
  List<@Nullable Object> answers(RedisConnection connection) {
    return connection.receive(questions.size(), Duration.ZERO);
  }

  Answer receive(RedisConnection connection) {
    List<@Nullable Object> replies =
        connection.receive(commands.size() - questions.size(), patience);
    boolean full =
        !isByScript()
            && replies.subList(stepAt, execAt + 1).stream().anyMatch(GuardedScript::isNeeded);
    if (isByScript()) {
      GuardedScript.checked(replies.get(execAt), "a read of " + group);
    }
    for (int i = 0; i < replies.size(); i++) {
      if (!full || i < stepAt || i > execAt) {
        // an error while queueing says why; the EXECABORT after it would not
        Replies.checked(replies.get(i), commands.get(i));
      }
    }
    Object held = replies.get(replies.size() - 2);
    Object stateOfLanes = replies.get(replies.size() - 1);
    boolean mine = ownership.isMine(held, stateOfLanes);
    LanesState lanes = shared.parse(stateOfLanes);
    if (full) {
      return new Answer(List.of(), Optional.empty(), mine, false, false, true, lanes);
    }
    Object exec = replies.get(execAt);
    if (exec == null) {
      return new Answer(List.of(), Optional.empty(), mine, true, false, false, lanes);
    }
    List<@Nullable Object> results = Replies.list(exec);
    Object read = results.get(results.size() - 2);
    if (read instanceof ErrorReply error && ConsumerGroup.isLost(error)) {
      return new Answer(List.of(), Optional.empty(), mine, false, true, false, lanes);
    }
    for (Object acknowledged : results.subList(0, results.size() - 2)) {
      Replies.checked(acknowledged, "XACK " + group.stream());
    }
    return new Answer(
        Replies.entriesOfOneStream(Replies.checked(read, "XREADGROUP " + group.stream())),
        group.parseInfo(results.get(results.size() - 1)),
        mine,
        false,
        false,
        false,
        lanes);
  }
}
