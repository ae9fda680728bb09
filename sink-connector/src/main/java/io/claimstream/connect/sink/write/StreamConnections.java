/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One connection to each master, shared by its streams and opened when first needed. Used by the
 * task's thread only.
 *
 * <p>Writes go in rounds: commands are sent to every stream, then all replies are received, in the
 * order of the commands. However many streams and masters there are, a round waits for one outage
 * only: after the first, nothing more is connected to, and replies are received where they have
 * arrived already.
 */
public final class StreamConnections implements AutoCloseable {
  /** For replies that were in flight together with those that somebody has waited for in vain. */
  private static final Duration ARRIVED = Duration.ofMillis(1);

  private final RedisConnections connections;
  private final Map<String, RedisConnection> byMaster = new HashMap<>();
  private final Map<String, String> masterOf = new HashMap<>();
  private final Set<String> broken = new HashSet<>();
  private final Set<String> inRound = new HashSet<>();
  private boolean isRound;
  private @Nullable RedisOutageException outage;

  /** Nothing is opened yet. */
  public StreamConnections(RedisConnections connections) {
    this.connections = connections;
  }

  /** Begins a round of commands and replies. */
  public void beginRound() {
    inRound.clear();
    outage = null;
    isRound = true;
  }

  /** Ends a round: closes the connections that are of no more use. */
  public void endRound() {
    isRound = false;
    outage = null;
    broken.forEach(this::drop);
    broken.clear();
  }

  /** Whether this is the first command of the round on the connection to that stream's master. */
  public boolean isFirstOfRound(String stream) {
    return inRound.add(masterOf.getOrDefault(stream, stream));
  }

  /**
   * The connection to the master that owns the stream.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if there is none to be had
   */
  public RedisConnection to(String stream) {
    RedisConnection open = openTo(stream);
    if (open != null && !open.isClosedByServer()) {
      return open;
    }
    drop(stream);
    if (outage != null) {
      throw outage;
    }
    try {
      return share(stream);
    } catch (RedisOutageException e) {
      met(e);
      throw e;
    }
  }

  private @Nullable RedisConnection openTo(String stream) {
    String master = masterOf.get(stream);
    return master == null ? null : byMaster.get(master);
  }

  private RedisConnection share(String stream) {
    String master = connections.master(stream);
    RedisConnection shared = byMaster.get(master);
    if (shared == null) {
      RedisConnection opened = connections.open(stream);
      master = connections.master(stream); // as the topology says now
      shared = byMaster.putIfAbsent(master, opened);
      if (shared == null) {
        shared = opened;
      } else {
        opened.close();
      }
    }
    masterOf.put(stream, master);
    return shared;
  }

  /**
   * Receives replies to commands of this round.
   *
   * @throws RedisOutageException if they do not come
   */
  List<@Nullable Object> receive(RedisConnection connection, int replies) {
    try {
      if (outage != null && replies > 0 && !connection.awaitReply(ARRIVED)) {
        throw new RedisOutageException(
            "not waiting for Redis at " + connection.address() + " either", outage);
      }
      return connection.receive(replies, Duration.ZERO);
    } catch (RedisOutageException e) {
      met(e);
      throw e;
    }
  }

  private void met(RedisOutageException e) {
    if (isRound && outage == null) {
      outage = e;
    }
  }

  /** Lets the end of the round close the connection: other streams' replies may still come. */
  public void giveUp(String stream) {
    broken.add(stream);
  }

  /** Closes a connection that failed, or that may lead to the wrong master by now. */
  public void drop(String stream) {
    String master = masterOf.get(stream);
    if (master != null) {
      close(master);
    }
  }

  /** Keeps the connections that these streams use. */
  public void retain(Collection<String> streams) {
    masterOf.keySet().retainAll(streams);
    Set<String> unused = new HashSet<>(byMaster.keySet());
    unused.removeAll(masterOf.values());
    unused.forEach(this::close);
  }

  private void close(String master) {
    masterOf.values().removeIf(master::equals);
    RedisConnection connection = byMaster.remove(master);
    if (connection != null) {
      connection.close();
    }
  }

  /** Whether any connection is open. */
  public boolean isOpen() {
    return !byMaster.isEmpty();
  }

  /** Closes all connections; they are opened again when needed. */
  @Override
  public void close() {
    retain(Set.of());
  }
}
