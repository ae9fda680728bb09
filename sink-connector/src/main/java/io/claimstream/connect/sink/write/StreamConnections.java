/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import java.util.HashMap;
import java.util.Map;

/** One connection per stream, opened when first needed. Used by the task's thread only. */
public final class StreamConnections implements AutoCloseable {
  private final RedisConnections connections;
  private final Map<String, RedisConnection> open = new HashMap<>();

  /** Nothing is opened yet. */
  public StreamConnections(RedisConnections connections) {
    this.connections = connections;
  }

  /**
   * The connection to the master that owns the stream.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if there is none to be had
   */
  public RedisConnection to(String stream) {
    return open.computeIfAbsent(stream, connections::open);
  }

  /** Gives up a connection that failed, or that may lead to the wrong master by now. */
  public void drop(String stream) {
    RedisConnection broken = open.remove(stream);
    if (broken != null) {
      broken.close();
    }
  }

  @Override
  public void close() {
    open.values().forEach(RedisConnection::close);
    open.clear();
  }
}
