/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the master that owns one key. Used by one thread at a time.
 *
 * <p>Commands may be sent well before their replies are received; replies come in the order of the
 * commands. Every method throws {@link io.claimstream.connect.redis.error.RedisOutageException}
 * when the network or the server fails; the connection is then of no more use.
 */
public interface RedisConnection extends AutoCloseable {

  /** Writes the commands and flushes them to the server. */
  void send(List<Command> commands);

  /**
   * Reads that many replies: {@code byte[]}, {@code Long}, {@code List}, {@code null} or {@link
   * ErrorReply}.
   *
   * @param patience how much longer than the command timeout the first of them may take
   */
  List<@Nullable Object> receive(int replies, Duration patience);

  /**
   * Whether the next reply begins to arrive within that time. Nothing is read: a thread that must
   * not be held up asks this before {@link #receive}.
   */
  default boolean awaitReply(Duration atMost) {
    return true;
  }

  /**
   * Whether the server has closed the connection while nothing was asked of it, as it does with
   * idle ones where its {@code timeout} says so. That is no outage: a new connection is to be had.
   * Costs no round trip, and nothing unless the connection has been idle.
   */
  default boolean isClosedByServer() {
    return false;
  }

  /** Sends commands and reads their replies in one round trip; each reply has to be looked at. */
  default List<@Nullable Object> pipeline(List<Command> commands) {
    send(commands);
    return receive(commands.size(), Duration.ZERO);
  }

  /**
   * Sends one command and returns its reply, which is no error.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException what an error reply means
   */
  default @Nullable Object call(Command command) {
    return Replies.checked(pipeline(List.of(command)).get(0), command);
  }

  /** Where it is connected to, for messages: host and port, never a password. */
  String address();

  @Override
  void close();
}
