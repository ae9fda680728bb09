/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A server's second address on loopback, at which it can be away: as seen from a client, as if its
 * process were killed, but without the time that a start takes.
 */
final class InterruptibleProxy implements AutoCloseable {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final int target;
  private final int port;
  private @Nullable ServerSocket listening;

  /** In front of a port of loopback. */
  InterruptibleProxy(int target) {
    this.target = target;
    try {
      ServerSocket first = listen(0);
      this.port = first.getLocalPort();
      serve(first);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it listens while it is open. */
  int port() {
    return port;
  }

  /** Takes connections again. */
  synchronized void open() {
    if (listening == null) {
      try {
        serve(listen(port));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static ServerSocket listen(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return socket;
  }

  private void serve(ServerSocket socket) {
    listening = socket;
    threads.execute(() -> accept(socket));
  }

  private void accept(ServerSocket socket) {
    try {
      while (true) {
        Socket client = socket.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        connections.add(client);
        connections.add(server);
        threads.execute(() -> copy(client, server));
        threads.execute(() -> copy(server, client));
      }
    } catch (IOException e) {
      // it is away
    }
  }

  private void copy(Socket from, Socket to) {
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException e) {
      // one side has ended
    } finally {
      connections.remove(from);
      connections.remove(to);
    }
  }

  /** Ends all connections and refuses new ones. */
  synchronized void interrupt() {
    try {
      if (listening != null) {
        listening.close();
        listening = null;
      }
      for (Socket connection : connections) {
        connection.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    interrupt();
    threads.shutdownNow();
  }
}
