/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.group;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.Transaction;
import io.claimstream.connect.redis.error.RedisErrors;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Consumer group on a stream, with the commands on it.
 *
 * @param stream the Redis key
 * @param name the group
 */
public record ConsumerGroup(String stream, String name) {
  private static final int FORGOTTEN_AT_ONCE = 1_000;

  /** More milliseconds than an entry can have been pending. */
  private static final long LONGEST_IDLE = Long.MAX_VALUE;

  /**
   * Returns the XGROUP CREATE.
   *
   * @param createsStream whether it also creates a missing stream
   */
  public Command createCommand(StartPosition start, boolean createsStream) {
    Command create = Command.of("XGROUP", "CREATE", stream, name, start);
    return createsStream ? create.add("MKSTREAM") : create;
  }

  /** Whether an error of XGROUP means that the stream does not exist. */
  public static boolean isWithoutStream(@Nullable Object reply) {
    return reply instanceof ErrorReply error && error.text().contains("requires the key to exist");
  }

  /** Moves the group to a start position. */
  public void moveTo(RedisConnection connection, StartPosition start) {
    Replies.checked(
        Transaction.executeEvenIfFull(connection, ackNothing(), moveCommand(start)),
        "XGROUP SETID " + stream);
  }

  /** Returns the XGROUP SETID. */
  public Command moveCommand(StartPosition start) {
    return Command.of("XGROUP", "SETID", stream, name, start);
  }

  /** Returns the group's state; empty if the stream or the group does not exist. */
  public Optional<GroupInfo> info(RedisConnection connection) {
    return parseInfo(connection.pipeline(List.of(infoCommand())).get(0));
  }

  /** Returns the XINFO GROUPS of the stream. */
  public Command infoCommand() {
    return Command.of("XINFO", "GROUPS", stream);
  }

  /** Parses the reply to {@link #infoCommand}; empty if the stream or the group does not exist. */
  public Optional<GroupInfo> parseInfo(@Nullable Object reply) {
    if (isNoKey(reply)) {
      return Optional.empty();
    }
    for (Object group : Replies.list(Replies.checked(reply, "XINFO GROUPS " + stream))) {
      Map<String, @Nullable Object> info = Replies.map(group);
      if (name.equals(Replies.text(info.get("name")))) {
        return Optional.of(
            new GroupInfo(
                EntryId.parse(String.valueOf(Replies.text(info.get("last-delivered-id")))),
                number(info.get("lag")),
                number(info.get("entries-read"))));
      }
    }
    return Optional.empty();
  }

  private static OptionalLong number(@Nullable Object value) {
    return value instanceof Long number ? OptionalLong.of(number) : OptionalLong.empty();
  }

  /** Returns the XREADGROUP of new entries. */
  public Command readNew(String consumer, int count) {
    return read(consumer, count, ">");
  }

  /** Returns the XREADGROUP of a consumer's own pending entries; Redis counts it as a delivery. */
  public Command readPending(String consumer, int count, EntryId after) {
    return read(consumer, count, after);
  }

  private Command read(String consumer, int count, Object id) {
    return Command.of("XREADGROUP", "GROUP", name, consumer, "COUNT", count, "STREAMS", stream, id);
  }

  public Command ack(List<EntryId> ids) {
    return Command.of("XACK", stream, name).addAll(ids);
  }

  /** Returns a write command that changes nothing and needs no memory and no extra permission. */
  public Command ackNothing() {
    return ack(List.of(EntryId.ZERO));
  }

  /** Returns a consumer's pending entries from an id on, without delivering them. */
  public List<PendingEntry> pending(
      RedisConnection connection, String consumer, EntryId from, int count) {
    return parsePending(connection.call(pendingCommand(consumer, from, count)));
  }

  /** Returns the XPENDING of a consumer's entries from an id on. */
  public Command pendingCommand(String consumer, EntryId from, int count) {
    return Command.of("XPENDING", stream, name, from, EntryId.MAX, count, consumer);
  }

  /** Parses the reply to {@link #pendingCommand(String, EntryId, int)}. */
  public List<PendingEntry> parsePending(@Nullable Object reply) {
    List<@Nullable Object> rows = Replies.list(reply);
    List<PendingEntry> entries = new ArrayList<>(rows.size());
    for (Object row : rows) {
      List<@Nullable Object> columns = Replies.list(row);
      entries.add(new PendingEntry(id(columns.get(0)), number(columns.get(3)).orElse(1)));
    }
    return entries;
  }

  /**
   * Returns the group's state; empty if the stream or the group does not exist. Ends what the
   * connection watches.
   */
  public Optional<GroupState> state(RedisConnection connection) {
    return parseState(atOnce(connection, stateCommands()));
  }

  /**
   * Creates the group and returns its state in the same step; empty if the group exists, or if the
   * stream does not and must not be created. Ends what the connection watches.
   */
  public Optional<GroupState> createIfMissing(
      RedisConnection connection, StartPosition start, boolean createsStream) {
    Command create = createCommand(start, createsStream);
    List<Command> commands = new ArrayList<>(List.of(create));
    commands.addAll(stateCommands());
    List<@Nullable Object> replies = atOnce(connection, commands);
    if (replies.get(0) instanceof ErrorReply error && error.code().equals("BUSYGROUP")) {
      return Optional.empty();
    }
    if (!createsStream && isWithoutStream(replies.get(0))) {
      return Optional.empty();
    }
    Replies.checked(replies.get(0), create);
    return parseState(replies.subList(1, replies.size()));
  }

  private List<@Nullable Object> atOnce(RedisConnection connection, List<Command> commands) {
    Optional<List<@Nullable Object>> replies = Optional.empty();
    while (replies.isEmpty()) {
      // empty if something was watched that has changed; after that nothing is
      replies = Transaction.executeEvenIfFull(connection, List.of(), ackNothing(), commands);
    }
    return replies.get();
  }

  private List<Command> stateCommands() {
    return List.of(infoCommand(), pendingCommand());
  }

  /** Returns the command for a summary of the group's pending entries. */
  public Command pendingCommand() {
    return Command.of("XPENDING", stream, name);
  }

  private Optional<GroupState> parseState(List<@Nullable Object> replies) {
    return parseInfo(replies.get(0)).map(info -> state(info, replies.get(1)));
  }

  private GroupState state(GroupInfo info, @Nullable Object pending) {
    List<@Nullable Object> summary = Replies.list(Replies.checked(pending, "XPENDING " + stream));
    return new GroupState(info, orNone(summary.get(1)), orNone(summary.get(2)));
  }

  private static Optional<EntryId> orNone(@Nullable Object reply) {
    return reply == null ? Optional.empty() : Optional.of(id(reply));
  }

  /** Returns the highest id that the stream has generated; empty if there is no stream. */
  public Optional<EntryId> lastGenerated(RedisConnection connection) {
    Object reply = connection.pipeline(List.of(Command.of("XINFO", "STREAM", stream))).get(0);
    if (isNoKey(reply)) {
      return Optional.empty();
    }
    Map<String, @Nullable Object> info =
        Replies.map(Replies.checked(reply, "XINFO STREAM " + stream));
    return Optional.of(id(info.get("last-generated-id")));
  }

  /**
   * Returns ids, in order, of entries that a consumer has had pending for at least {@code minimum}.
   */
  public List<EntryId> idle(
      RedisConnection connection, String consumer, Duration minimum, int atMost) {
    Object reply =
        connection.call(
            Command.of(
                "XPENDING", stream, name, "IDLE", minimum.toMillis(), "-", "+", atMost, consumer));
    return Replies.list(reply).stream().map(Replies::list).map(p -> id(p.get(0))).toList();
  }

  /**
   * Returns the XCLAIM that transfers entries that are still idle to another consumer, without
   * reading them. It resets the delivery counts: the deliveries to another program are no attempts
   * of this one.
   */
  public Command claim(String consumer, Duration minimum, List<EntryId> ids) {
    return Command.of("XCLAIM", stream, name, consumer, minimum.toMillis())
        .addAll(ids)
        .addAll(List.of("RETRYCOUNT", 0, "JUSTID"));
  }

  /**
   * Returns the XCLAIM that makes acknowledged entries pending again for a consumer; it takes none
   * that are pending, whoever has them.
   */
  public Command claimAcknowledged(String consumer, List<EntryId> ids) {
    return Command.of("XCLAIM", stream, name, consumer, LONGEST_IDLE)
        .addAll(ids)
        .addAll(List.of("RETRYCOUNT", 0, "FORCE", "JUSTID"));
  }

  /** Acknowledges all pending entries of a consumer without reading them. */
  public void forgetPending(RedisConnection connection, String consumer) {
    List<PendingEntry> some = pending(connection, consumer, EntryId.ZERO, FORGOTTEN_AT_ONCE);
    while (!some.isEmpty()) {
      connection.call(ack(some.stream().map(PendingEntry::id).toList()));
      some = pending(connection, consumer, EntryId.ZERO, FORGOTTEN_AT_ONCE);
    }
  }

  /** Returns entries of the stream in an inclusive range of ids, in order. */
  public List<StreamEntry> range(RedisConnection connection, EntryId from, EntryId to, int atMost) {
    return Replies.entries(
        connection.call(Command.of("XRANGE", stream, from, to, "COUNT", atMost)));
  }

  /** Returns entries from the stream without delivering them. */
  public List<StreamEntry> entries(RedisConnection connection, List<EntryId> ids) {
    List<Command> ranges = ids.stream().map(id -> Command.of("XRANGE", stream, id, id)).toList();
    List<@Nullable Object> replies = connection.pipeline(ranges);
    List<StreamEntry> entries = new ArrayList<>(ids.size());
    for (int i = 0; i < replies.size(); i++) {
      List<StreamEntry> found =
          Replies.entries(Replies.checked(replies.get(i), "XRANGE " + stream));
      entries.add(found.isEmpty() ? StreamEntry.trimmed(ids.get(i)) : found.get(0));
    }
    return entries;
  }

  /** Returns the group's consumers; none if there is no stream. */
  public List<ConsumerInfo> consumers(RedisConnection connection) {
    Object reply =
        connection.pipeline(List.of(Command.of("XINFO", "CONSUMERS", stream, name))).get(0);
    if (isNoKey(reply)) {
      return List.of();
    }
    List<ConsumerInfo> consumers = new ArrayList<>();
    for (Object consumer : Replies.list(Replies.checked(reply, "XINFO CONSUMERS " + stream))) {
      Map<String, @Nullable Object> info = Replies.map(consumer);
      consumers.add(
          new ConsumerInfo(
              String.valueOf(Replies.text(info.get("name"))),
              number(info.get("pending")).orElse(0),
              Duration.ofMillis(number(info.get("idle")).orElse(0)),
              info.containsKey("inactive")));
    }
    return consumers;
  }

  /** Whether an error means that the group or its stream does not exist. */
  public static boolean isLost(ErrorReply error) {
    return RedisErrors.codeOf(error.text()).equals("NOGROUP");
  }

  private static boolean isNoKey(@Nullable Object reply) {
    return reply instanceof ErrorReply error && error.text().contains("no such key");
  }

  private static EntryId id(@Nullable Object reply) {
    return Replies.id(Objects.requireNonNull(reply));
  }

  @Override
  public String toString() {
    return "group '" + name + "' of stream '" + stream + "'";
  }
}
