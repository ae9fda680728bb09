/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Servers in the order they started; closed in reverse order. Safe for use by several threads. */
public final class StartedServers implements AutoCloseable {
  private static final double NANOS_PER_SECOND = 1e9;

  private final Consumer<String> progress;
  private final Deque<LocalServer> servers = new ArrayDeque<>();

  /**
   * Creates an empty list.
   *
   * @param progress receives a line for each server that is ready
   */
  public StartedServers(Consumer<String> progress) {
    this.progress = progress;
  }

  /** Starts a server, which this list then stops. */
  public <S extends LocalServer> S start(String name, Supplier<S> start) {
    long begin = System.nanoTime();
    S server = start.get();
    synchronized (servers) {
      servers.addLast(server);
    }
    double seconds = (System.nanoTime() - begin) / NANOS_PER_SECOND;
    progress.accept(String.format(Locale.ROOT, "%s ready in %.1f s", name, seconds));
    return server;
  }

  /**
   * Stops all servers, even if some fail to stop.
   *
   * @throws StackException if a server failed to stop
   */
  @Override
  public void close() {
    StackException failure = null;
    for (LocalServer server = next(); server != null; server = next()) {
      try {
        server.close();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = new StackException("a server of the local stack did not stop", e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private @Nullable LocalServer next() {
    synchronized (servers) {
      return servers.pollLast();
    }
  }
}
