/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.discovery;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.KeyPage;
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

/** Search for the streams of a pattern on every master, {@link KeyPage} by page. */
public final class StreamScan {
  private static final String STREAM = "stream";
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
          KeyPage page = page(master, KeyPage.BEGIN);
          found.addAll(page.keys());
          while (!page.isLast()) {
            page = page(master, page.next());
            found.addAll(page.keys());
          }
        });
    return found;
  }

  /** Returns a few streams that match, if one call to each master finds any. */
  public List<String> sample() {
    Set<String> found = new HashSet<>();
    connections.forEachMaster(master -> found.addAll(page(master, KeyPage.BEGIN).keys()));
    return found.stream().sorted().limit(SAMPLE).toList();
  }

  private KeyPage page(RedisConnection master, String cursor) {
    return KeyPage.parse(master.call(KeyPage.command(cursor, pattern.toString(), STREAM)));
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
        if (STREAM.equals(Replies.text(master.call(Command.of("TYPE", stream))))) {
          existing.add(stream);
        }
      }
      return existing;
    } finally {
      opened.forEach(RedisConnection::close);
    }
  }
}
