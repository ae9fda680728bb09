/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.credentials.RedisCredentials;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.PushConsumerChain;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.RedisInputStream;
import redis.clients.jedis.util.RedisOutputStream;

/** A Jedis connection that can send commands long before it reads their replies. */
final class JedisConnection implements RedisConnection {
  private static final Logger LOG = LoggerFactory.getLogger(JedisConnection.class);

  /** Stand-in for null, which the queue cannot contain. */
  private static final Object NO_REPLY = new Object();

  /** The beginning of the last reply that Redis sends before it closes a connection. */
  private static final String PROTOCOL_ERROR = "ERR Protocol error";

  /**
   * A reply that {@link io.claimstream.connect.redis.error.RedisErrors} classifies as an outage.
   */
  private static final ErrorReply NOT_EXECUTED =
      new ErrorReply("ERR connection is closing: a command before this one was malformed");

  /** The shortest {@code timeout} that Redis supports. */
  private static final long IDLE_NANOS = 1_000_000_000;

  /** Maximum time before the expiry of credentials at which to replace them. */
  private static final Duration LONGEST_MARGIN = Duration.ofMinutes(1);

  /** Minimum time between two attempts to replace credentials. */
  private static final Duration BETWEEN_RENEWALS = Duration.ofSeconds(1);

  /** Time to read replies that the server sent before it closed the connection. */
  private static final int LEFT_OVER_MILLIS = 1_000;

  private final HostAndPort address;
  private final ProbingConnection connection;

  /**
   * Output stream of the connection. Jedis' own one reads from a failing connection and then stops.
   */
  private final RedisOutputStream output;

  private final int commandTimeoutMillis;

  /** Replies that arrived while sending failed; the last one is a protocol error. */
  private final Deque<Object> leftOver = new ArrayDeque<>();

  private boolean isRefused;

  /** Number of commands whose replies have not been received. */
  private int outstanding;

  private long lastSentNanos = System.nanoTime();

  /** Time since which the server may consider the connection idle. */
  private long idleSinceNanos = lastSentNanos;

  private final Login login;

  /** Whether the connection has logged in with credentials. */
  private final boolean isLoggedIn;

  /** Time at which to log in again; empty if the credentials do not expire. */
  private OptionalLong renewalNanos;

  /**
   * Connects and logs in.
   *
   * @param login provides the credentials to log in with again
   * @param expiry when those of {@code config} expire
   */
  JedisConnection(
      HostAndPort address,
      JedisSocketFactory sockets,
      JedisClientConfig config,
      Duration commandTimeout,
      Login login,
      Optional<Instant> expiry) {
    this.address = address;
    this.login = login;
    this.isLoggedIn = config.getPassword() != null;
    this.renewalNanos = renewal(expiry);
    Socket socket = sockets.createSocket();
    this.connection = new ProbingConnection(() -> socket, config);
    try {
      this.output = new RedisOutputStream(socket.getOutputStream());
    } catch (IOException e) {
      close();
      throw new JedisConnectionException(e);
    }
    this.commandTimeoutMillis = Math.toIntExact(commandTimeout.toMillis());
  }

  /** Returns the time to log in again: before the expiry, with time for some attempts. */
  private static OptionalLong renewal(Optional<Instant> expiry) {
    if (expiry.isEmpty()) {
      return OptionalLong.empty();
    }
    Duration life = Duration.between(Instant.now(), expiry.get());
    Duration margin = life.dividedBy(4);
    Duration wait = life.minus(margin.compareTo(LONGEST_MARGIN) < 0 ? margin : LONGEST_MARGIN);
    return OptionalLong.of(
        System.nanoTime() + Math.max(wait.toNanos(), BETWEEN_RENEWALS.toNanos()));
  }

  /**
   * Logs in again if it is time and no reply is awaited.
   *
   * @throws RedisOutageException if the server refuses the new credentials
   * @see <a href="https://redis.io/docs/latest/commands/auth/">AUTH</a>
   */
  private void renewLogin() {
    if (outstanding > 0
        || isRefused
        || renewalNanos.isEmpty()
        || System.nanoTime() - renewalNanos.getAsLong() < 0) {
      return;
    }
    RedisCredentials fresh;
    try {
      fresh = login.credentials().orElseThrow();
    } catch (ConnectException e) {
      LOG.warn(
          "Redis at {}: cannot renew the login, and will try again: {}", address, e.getMessage());
      renewalNanos = OptionalLong.of(System.nanoTime() + BETWEEN_RENEWALS.toNanos());
      return;
    }
    Command auth = Command.of("AUTH");
    if (fresh.username() != null) {
      auth.add(fresh.username());
    }
    renewalNanos = OptionalLong.empty(); // the login is a command itself
    send(List.of(auth.add(fresh.password().value())));
    if (receive(1, Duration.ZERO).get(0) instanceof ErrorReply error) {
      throw login.refused(address, error.text(), new JedisDataException(error.text()));
    }
    login.succeeded();
    renewalNanos = renewal(fresh.expiry());
  }

  @Override
  public void send(List<Command> commands) {
    renewLogin();
    outstanding += commands.size();
    lastSentNanos = System.nanoTime();
    try {
      for (Command command : commands) {
        Protocol.sendCommand(output, WireArguments.of(command));
      }
      output.flush();
    } catch (JedisConnectionException e) {
      if (!hasRefused()) {
        throw lost(e);
      }
    } catch (IOException e) {
      if (!hasRefused()) {
        throw lost(new JedisConnectionException(e));
      }
    }
  }

  /**
   * Returns whether sending failed because Redis refused a command: it closes the connection as
   * soon as it reads the length of a value above {@code proto-max-bulk-len}, and sends the error
   * after the replies to the earlier commands.
   */
  private boolean hasRefused() {
    if (isRefused) {
      return false;
    }
    try {
      connection.setSoTimeout(LEFT_OVER_MILLIS);
      while (true) {
        Object reply = orError(connection::getUnflushedObject);
        leftOver.add(reply == null ? NO_REPLY : reply);
        if (isProtocolError(reply)) {
          return true;
        }
      }
    } catch (JedisConnectionException e) {
      leftOver.clear();
      return false;
    }
  }

  private static boolean isProtocolError(@Nullable Object reply) {
    return reply instanceof ErrorReply error && error.text().startsWith(PROTOCOL_ERROR);
  }

  /** Receives replies. After a protocol error, each later command's reply is an outage. */
  @Override
  public List<@Nullable Object> receive(int replies, Duration patience) {
    try {
      connection.setSoTimeout(commandTimeoutMillis + Math.toIntExact(patience.toMillis()));
      List<@Nullable Object> received = new ArrayList<>(replies);
      for (int i = 0; i < replies; i++) {
        received.add(next());
      }
      outstanding -= replies;
      // a reply may have been waiting for long, as when a task was paused
      long answered = Math.min(System.nanoTime() - lastSentNanos, patience.toNanos());
      idleSinceNanos = lastSentNanos + answered;
      return received;
    } catch (JedisConnectionException e) {
      throw lost(e);
    }
  }

  @Override
  public boolean awaitReply(Duration atMost) {
    if (isRefused || !leftOver.isEmpty()) {
      return true;
    }
    try {
      return connection.awaitReply(Math.max(1, Math.toIntExact(atMost.toMillis())));
    } catch (JedisConnectionException e) {
      throw lost(e);
    }
  }

  @Override
  public boolean isClosedByServer() {
    if (outstanding > 0 || isRefused || System.nanoTime() - idleSinceNanos < IDLE_NANOS) {
      return false;
    }
    try {
      // no reply is expected: any data announces that the server closes
      boolean closed = connection.awaitReply(1);
      idleSinceNanos = System.nanoTime();
      return closed;
    } catch (JedisConnectionException e) {
      LOG.debug("Redis at {} closed an idle connection: {}", address(), e.getMessage());
      return true;
    }
  }

  private @Nullable Object next() {
    if (isRefused) {
      return NOT_EXECUTED;
    }
    Object early = leftOver.poll();
    Object reply = early == null ? orError(connection::getUnflushedObject) : early;
    isRefused = isProtocolError(reply);
    if (reply instanceof ErrorReply error && isLoggedIn && Login.isRefused(error.text())) {
      // the login has ended, as when the user's password was replaced by the server's operator
      throw new RedisOutageException(
          "Redis at " + address() + " requires a new login: " + error.text(), null);
    }
    return reply == NO_REPLY ? null : reply;
  }

  private static @Nullable Object orError(Supplier<@Nullable Object> reader) {
    try {
      return withErrorReplies(reader.get());
    } catch (JedisConnectionException e) {
      throw e;
    } catch (JedisDataException e) {
      return new ErrorReply(String.valueOf(e.getMessage()));
    }
  }

  /** Converts errors inside EXEC, which Jedis returns as exceptions in the list. */
  private static @Nullable Object withErrorReplies(@Nullable Object reply) {
    if (reply instanceof List<?> list) {
      for (Object element : list) {
        if (element instanceof JedisDataException) {
          return list.stream().map(JedisConnection::toErrorReply).toList();
        }
      }
    }
    return reply;
  }

  private static Object toErrorReply(Object element) {
    return element instanceof JedisDataException e
        ? new ErrorReply(String.valueOf(e.getMessage()))
        : element;
  }

  private RedisOutageException lost(JedisConnectionException e) {
    return new RedisOutageException(
        "connection to Redis at " + address() + " lost: " + e.getMessage(), e);
  }

  @Override
  public String address() {
    // Jedis can report it only for its own socket factory, not for the TLS one
    return address.toString();
  }

  @Override
  public void close() {
    // there is no pool that could reuse a connection with unread replies
    connection.setBroken();
    try {
      connection.close();
    } catch (JedisConnectionException e) {
      // Jedis flushes again, which fails if the server is gone; the socket is closed anyway
      LOG.debug("Error while closing the connection to Redis at {}: {}", address(), e.getMessage());
    }
  }

  private static final class ProbingConnection extends Connection {
    /** A byte whose value does not matter: only its presence does. */
    private static final byte ANY = 0;

    private boolean probing;

    ProbingConnection(JedisSocketFactory sockets, JedisClientConfig config) {
      super(sockets, config);
    }

    boolean awaitReply(int millis) {
      setSoTimeout(millis);
      probing = true;
      try {
        return Boolean.TRUE.equals(getUnflushedObject());
      } finally {
        probing = false;
      }
    }

    @Override
    protected Object protocolRead(RedisInputStream in, PushConsumerChain pushes) {
      return probing ? hasByte(in) : super.protocolRead(in, pushes);
    }

    /**
     * Returns whether a byte is available. A timeout before the first byte leaves the stream
     * unchanged.
     */
    private static boolean hasByte(RedisInputStream in) {
      try {
        in.peek(ANY);
        return true;
      } catch (JedisConnectionException e) {
        if (e.getCause() instanceof SocketTimeoutException) {
          return false;
        }
        throw e;
      }
    }
  }
}
