/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.error.RedisOutageException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.PushConsumerChain;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.RedisInputStream;

/** A Jedis connection whose commands can be flushed long before their replies are read. */
final class JedisConnection implements RedisConnection {
  private static final Logger LOG = LoggerFactory.getLogger(JedisConnection.class);

  private final HostAndPort address;
  private final FlushableConnection connection;
  private final int commandTimeoutMillis;

  JedisConnection(
      HostAndPort address,
      JedisSocketFactory sockets,
      JedisClientConfig config,
      Duration commandTimeout) {
    this.address = address;
    this.connection = new FlushableConnection(sockets, config);
    this.commandTimeoutMillis = Math.toIntExact(commandTimeout.toMillis());
  }

  @Override
  public void send(List<Command> commands) {
    try {
      for (Command command : commands) {
        connection.sendCommand(WireArguments.of(command));
      }
      connection.flush();
    } catch (JedisConnectionException e) {
      throw lost(e);
    }
  }

  @Override
  public List<@Nullable Object> receive(int replies, Duration patience) {
    try {
      connection.setSoTimeout(commandTimeoutMillis + Math.toIntExact(patience.toMillis()));
      List<@Nullable Object> received = new ArrayList<>(replies);
      for (int i = 0; i < replies; i++) {
        received.add(next());
      }
      return received;
    } catch (JedisConnectionException e) {
      throw lost(e);
    }
  }

  @Override
  public boolean awaitReply(Duration atMost) {
    try {
      return connection.awaitReply(Math.max(1, Math.toIntExact(atMost.toMillis())));
    } catch (JedisConnectionException e) {
      throw lost(e);
    }
  }

  private @Nullable Object next() {
    try {
      return withErrorReplies(connection.getUnflushedObject());
    } catch (JedisConnectionException e) {
      throw e;
    } catch (JedisDataException e) {
      return new ErrorReply(String.valueOf(e.getMessage()));
    }
  }

  /** The replies inside EXEC may be errors too; Jedis leaves them in the list as exceptions. */
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
    // Jedis can tell it of its own socket factory only, which is not the one for TLS
    return address.toString();
  }

  @Override
  public void close() {
    // never hands a half-read connection on: there is no pool
    connection.setBroken();
    try {
      connection.close();
    } catch (JedisConnectionException e) {
      // Jedis flushes once more, which fails where the server is gone: it is closed all the same
      LOG.debug("closing the connection to Redis at {}: {}", address(), e.getMessage());
    }
  }

  private static final class FlushableConnection extends Connection {
    /** Any byte will do: what is asked is only whether there is one. */
    private static final byte ANY = 0;

    private boolean probing;

    FlushableConnection(JedisSocketFactory sockets, JedisClientConfig config) {
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

    /** A timeout before the first byte leaves the stream as it was. */
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

    @Override
    protected void flush() {
      super.flush();
    }
  }
}
