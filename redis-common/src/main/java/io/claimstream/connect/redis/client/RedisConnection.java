/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection to the master that owns one key. Used by one thread at a time.
 *
 * <p>Commands may be sent well before their replies are received. Replies arrive in the order of
 * the commands. Every method throws {@link io.claimstream.connect.redis.error.RedisOutageException}
 * if the network or the server fails; the connection must then be closed.
 */
public interface RedisConnection extends AutoCloseable {

  /** Writes the commands and flushes them to the server. */
  void send(List<Command> commands);

  /**
   * Reads that many replies: {@code byte[]}, {@code Long}, {@code List}, {@code null} or {@link
   * ErrorReply}.
   *
   * @param patience time to wait for the first reply in addition to the command timeout
   */
  List<@Nullable Object> receive(int replies, Duration patience);

  /**
   * Returns whether the next reply begins to arrive within that time. Reads nothing: a thread that
   * must not block calls this method before {@link #receive}.
   */
  default boolean awaitReply(Duration atMost) {
    return true;
  }

  /**
   * Returns whether the server has closed the idle connection, as its {@code timeout} setting may
   * require. That is no outage: a new connection can be opened. Needs no round trip, and does
   * nothing unless the connection has been idle.
   */
  default boolean isClosedByServer() {
    return false;
  }

  /** Sends commands and reads their replies in one round trip. The caller must check each reply. */
  default List<@Nullable Object> pipeline(List<Command> commands) {
    send(commands);
    return receive(commands.size(), Duration.ZERO);
  }

  /**
   * Sends one command and returns its reply.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if the reply is an error
   */
  default @Nullable Object call(Command command) {
    return Replies.checked(pipeline(List.of(command)).get(0), command);
  }

  /** Returns the server's address for messages: host and port, never a password. */
  String address();

  @Override
  void close();
}
