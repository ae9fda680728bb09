/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import io.claimstream.connect.redis.client.Command;
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
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * One connection to each master, shared by its streams and opened on first use. Used by the task's
 * thread only.
 *
 * <p>Writes go in rounds: commands are sent to every stream, then all replies are received in the
 * order of the commands. A round waits for at most one outage, for any number of streams and
 * masters: after the first, no connection is opened, and only replies that have already arrived are
 * received.
 */
public final class StreamConnections implements AutoCloseable {
  /** Time to wait for replies that were in flight when another connection failed. */
  private static final Duration ARRIVED = Duration.ofMillis(1);

  private final RedisConnections connections;
  private final Map<String, RedisConnection> byMaster = new HashMap<>();
  private final Map<String, String> masterOf = new HashMap<>();
  private final Set<String> broken = new HashSet<>();
  private final Set<String> inRound = new HashSet<>();
  private boolean isRound;
  private @Nullable RedisOutageException outage;

  /**
   * Commands for one stream that are in flight. Replies over one connection are received in the
   * order of the commands.
   *
   * @param replies waits for that many replies; throws {@link ConnectException} if they do not
   *     arrive, or if the commands could not be sent
   * @param sending how long sending blocked the task
   */
  public record Sent(IntFunction<List<@Nullable Object>> replies, Duration sending) {

    /** Waits for that many replies. */
    public List<@Nullable Object> receive(int count) {
      return replies.apply(count);
    }
  }

  /** Creates the connections; opens none yet. */
  public StreamConnections(RedisConnections connections) {
    this.connections = connections;
  }

  /** Begins a round of commands and replies. */
  public void beginRound() {
    inRound.clear();
    outage = null;
    isRound = true;
  }

  /**
   * Runs a round: sends to each stream, then receives from each in the same order.
   *
   * @param send sends to a stream, and returns what receives the replies
   */
  public <T> void round(Map<String, T> byStream, BiFunction<String, T, Runnable> send) {
    beginRound();
    try {
      byStream.entrySet().stream()
          .map(each -> send.apply(each.getKey(), each.getValue()))
          .toList()
          .forEach(Runnable::run);
    } finally {
      endRound();
    }
  }

  /** Ends a round and closes the broken connections. */
  public void endRound() {
    isRound = false;
    outage = null;
    broken.forEach(this::drop);
    broken.clear();
  }

  /**
   * Returns whether this is the round's first command on the connection to that stream's master.
   */
  public boolean isFirstOfRound(String stream) {
    return inRound.add(masterOf.getOrDefault(stream, stream));
  }

  /**
   * Returns the connection to the master that owns the stream.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if none can be opened
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
      master = connections.master(stream); // by the refreshed topology
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

  /** Sends commands of this round. A failure is thrown to the caller that receives the replies. */
  public Sent send(String stream, List<Command> commands) {
    long begin = System.nanoTime();
    IntFunction<List<@Nullable Object>> replies;
    try {
      RedisConnection connection = to(stream);
      connection.send(commands);
      replies = count -> receive(connection, count);
    } catch (ConnectException e) {
      replies =
          count -> {
            throw e;
          };
    }
    return new Sent(replies, Duration.ofNanos(System.nanoTime() - begin));
  }

  private List<@Nullable Object> receive(RedisConnection connection, int replies) {
    try {
      if (outage != null && replies > 0 && !connection.awaitReply(ARRIVED)) {
        throw new RedisOutageException(
            "Redis at "
                + connection.address()
                + " was not waited for after an outage of another server",
            outage);
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

  /**
   * Marks the connection to close at the end of the round: replies of other streams may still
   * arrive.
   */
  public void giveUp(String stream) {
    broken.add(stream);
  }

  /** Closes a connection that failed or may lead to the wrong master now. */
  public void drop(String stream) {
    String master = masterOf.get(stream);
    if (master != null) {
      close(master);
    }
  }

  /** Keeps only the connections that these streams use. */
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

  /** Returns whether any connection is open. */
  public boolean isOpen() {
    return !byMaster.isEmpty();
  }

  /** Closes all connections; they are reopened on use. */
  @Override
  public void close() {
    retain(Set.of());
  }
}
