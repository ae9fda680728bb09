/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.retry.OutageBreaker;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Connections of one lane. The reader's connection leads; the others follow it to the server that
 * it reads from.
 *
 * <p>After a failover, a connection to the former master may still be open. When that server
 * recovers, it may accept writes for a while before it becomes a replica and discards them, so an
 * acknowledgement or a dead letter would be lost without an error. Safe for use by several threads.
 */
public final class LaneConnections {
  private final RedisConnections connections;
  private final String stream;
  private final OutageBreaker breaker;
  private final AtomicLong generation = new AtomicLong();
  private final Fences fences = new Fences();

  /**
   * Creates the connections to the master that owns a stream.
   *
   * @param breaker updated by the reader with the outcome of its attempts and respected by the
   *     others
   */
  public LaneConnections(RedisConnections connections, String stream, OutageBreaker breaker) {
    this.connections = connections;
    this.stream = stream;
    this.breaker = breaker;
  }

  /** The breaker of the lane's Redis. */
  public OutageBreaker breaker() {
    return breaker;
  }

  /** The fences of the lane's consumers: recorded by the reader, compared by the others. */
  public Fences fences() {
    return fences;
  }

  /** Opens a new connection for the reader. */
  public RedisConnection lead() {
    RedisConnection opened = connections.open(stream);
    generation.incrementAndGet();
    return opened;
  }

  /** Returns a connection for another thread than the reader's. */
  public Follower follower() {
    return new Follower();
  }

  /** Connection that is opened on demand. Used by one thread at a time. */
  public final class Follower implements AutoCloseable {
    private @Nullable RedisConnection connection;
    private long openedIn;

    private Follower() {}

    /**
     * Whether the reader found Redis unavailable and the backoff has not elapsed. While the reader
     * makes an attempt, others may too.
     */
    public boolean mustWait() {
      return breaker.state() == OutageBreaker.State.OPEN && breaker.isWaiting();
    }

    /** Whether {@link #open} returns an existing connection, as far as is known. */
    public boolean isOpen() {
      return connection != null && openedIn == generation.get();
    }

    /**
     * Returns the connection, or a new one if the reader has reconnected since or the server has
     * closed it as idle.
     *
     * @throws RedisOutageException if connecting fails, or the reader's breaker is open
     */
    public RedisConnection open() {
      if (mustWait()) {
        close();
        throw new RedisOutageException("Redis is unavailable", null);
      }
      long now = generation.get();
      if (openedIn != now || (connection != null && connection.isClosedByServer())) {
        close();
      }
      RedisConnection open = connection;
      if (open == null) {
        open = connections.open(stream);
        connection = open;
        openedIn = now;
      }
      return open;
    }

    @Override
    public void close() {
      if (connection != null) {
        connection.close();
        connection = null;
      }
    }
  }
}
