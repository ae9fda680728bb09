/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.retry.OutageBreaker;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one lane: the reader's leads, the others follow it to the server it reads
 * from.
 *
 * <p>After a failover a connection to the former master may still be open, and that server, once it
 * wakes up, may take what it is told for a while before it becomes a replica and forgets it: an
 * acknowledgement or a dead letter would be lost without an error. Safe for use by several threads.
 */
public final class LaneConnections {
  private final RedisConnections connections;
  private final String stream;
  private final OutageBreaker breaker;
  private final AtomicLong generation = new AtomicLong();
  private final Fences fences = new Fences();

  /**
   * Connections to the master that owns a stream.
   *
   * @param breaker told by the reader what came of its tries; the others heed it
   */
  public LaneConnections(RedisConnections connections, String stream, OutageBreaker breaker) {
    this.connections = connections;
    this.stream = stream;
    this.breaker = breaker;
  }

  /** Whether the lane's Redis is asked. */
  public OutageBreaker breaker() {
    return breaker;
  }

  /** Whether the lane still is whose task it is: what the reader notes, others compare with. */
  public Fences fences() {
    return fences;
  }

  /** Opens the reader's next connection. */
  public RedisConnection lead() {
    RedisConnection opened = connections.open(stream);
    generation.incrementAndGet();
    return opened;
  }

  /** A connection beside the reader's, for one more thread. */
  public Follower follower() {
    return new Follower();
  }

  /** One connection that is made when it is needed. Used by one thread at a time. */
  public final class Follower implements AutoCloseable {
    private @Nullable RedisConnection connection;
    private long openedIn;

    private Follower() {}

    /**
     * Whether the reader found Redis out and it is too early to try again. While the reader tries,
     * others may try too.
     */
    public boolean mustWait() {
      return breaker.state() == OutageBreaker.State.OPEN && breaker.isWaiting();
    }

    /** Whether {@link #open} has one at hand, as far as it knows. */
    public boolean isOpen() {
      return connection != null && openedIn == generation.get();
    }

    /**
     * The connection; another one if the reader has connected anew since, or the server has closed
     * it because it was idle.
     *
     * @throws RedisOutageException if there is none to be had, or the reader's breaker is open
     */
    public RedisConnection open() {
      if (mustWait()) {
        close();
        throw new RedisOutageException("Redis is out", null);
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
