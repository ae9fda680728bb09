/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.discovery;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Search for the streams of a pattern on every master, with SCAN, which returns all keys that exist
 * throughout the search. Each call blocks the server for the time of about a thousand keys.
 *
 * @see <a href="https://redis.io/docs/latest/commands/scan/">SCAN</a>
 */
public final class StreamScan {
  private static final int COUNT = 1_000;
  private static final String BEGIN = "0";
  private static final int SAMPLE = 10;

  private final RedisConnections connections;
  private final StreamPattern pattern;

  /** Creates a search. */
  public StreamScan(RedisConnections connections, StreamPattern pattern) {
    this.connections = connections;
    this.pattern = pattern;
  }

  /**
   * Returns all streams that match.
   *
   * @throws io.claimstream.connect.redis.error.RedisOutageException if a master does not reply
   * @throws io.claimstream.connect.redis.error.RedisConfigurationException if the user may not scan
   */
  public Set<String> find() {
    Set<String> found = new HashSet<>();
    connections.forEachMaster(
        master -> {
          String cursor = BEGIN;
          do {
            cursor = page(master, cursor, found);
          } while (!cursor.equals(BEGIN));
        });
    return found;
  }

  /** Returns a few streams that match, if one call to each master finds any. */
  public List<String> sample() {
    Set<String> found = new HashSet<>();
    connections.forEachMaster(master -> page(master, BEGIN, found));
    return found.stream().sorted().limit(SAMPLE).toList();
  }

  private String page(RedisConnection master, String cursor, Set<String> found) {
    List<@Nullable Object> reply =
        Replies.list(
            master.call(
                Command.of("SCAN", cursor, "MATCH", pattern, "COUNT", COUNT, "TYPE", "stream")));
    for (Object name : Replies.list(reply.get(1))) {
      found.add(String.valueOf(Replies.text(name)));
    }
    return String.valueOf(Replies.text(reply.get(0)));
  }

  /**
   * Returns those of the streams that exist. A key that moves to another master during a search may
   * be missed.
   */
  Set<String> existing(Collection<String> streams) {
    Map<String, RedisConnection> masters = new HashMap<>();
    List<RedisConnection> opened = new ArrayList<>();
    try {
      Set<String> existing = new HashSet<>();
      for (String stream : streams) {
        RedisConnection master = masters.get(connections.master(stream));
        if (master == null) {
          master = connections.open(stream);
          opened.add(master);
          masters.put(connections.master(stream), master);
        }
        if ("stream".equals(Replies.text(master.call(Command.of("TYPE", stream))))) {
          existing.add(stream);
        }
      }
      return existing;
    } finally {
      opened.forEach(RedisConnection::close);
    }
  }
}
