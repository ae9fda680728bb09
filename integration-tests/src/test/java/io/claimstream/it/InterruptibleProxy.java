/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import io.claimstream.stack.FreePorts;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server's second address on loopback. There it can be away, as if its process were killed but
 * without the time that a start takes, silent, as behind a network that drops packets, or slow.
 * Safe for use by several threads.
 */
public final class InterruptibleProxy implements AutoCloseable {
  private static final int CHUNK = 8192;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final int target;
  private final int port;
  private final Object gate = new Object();
  private @Nullable ServerSocket listening;
  private boolean silent;
  private volatile long delayMillis;

  /** In front of a port of loopback. */
  public InterruptibleProxy(int target) {
    this.target = target;
    try {
      // no port that an outgoing connection could take while this proxy is away
      ServerSocket first = listen(FreePorts.free());
      this.port = first.getLocalPort();
      serve(first);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it listens while it is open. */
  public int port() {
    return port;
  }

  /** Takes connections again. */
  public synchronized void open() {
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
        connect(socket.accept());
      }
    } catch (IOException e) {
      // it is away
    }
  }

  private void connect(Socket client) throws IOException {
    Socket server;
    try {
      server = new Socket(InetAddress.getLoopbackAddress(), target);
    } catch (IOException e) { // the server itself is away
      client.close();
      return;
    }
    client.setTcpNoDelay(true);
    server.setTcpNoDelay(true);
    connections.add(client);
    connections.add(server);
    threads.execute(() -> copy(client, server));
    threads.execute(() -> copy(server, client));
  }

  private void copy(Socket from, Socket to) {
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      byte[] chunk = new byte[CHUNK];
      for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
        awaitPassage();
        out.write(chunk, 0, length);
      }
    } catch (IOException e) {
      // one side has ended
    } finally {
      connections.remove(from);
      connections.remove(to);
    }
  }

  private void awaitPassage() throws IOException {
    try {
      TimeUnit.MILLISECONDS.sleep(delayMillis);
      synchronized (gate) {
        while (silent) {
          gate.wait();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the proxy is closed");
    }
  }

  /** Keeps connections and passes nothing on, or passes on again what was kept. */
  public void silence(boolean on) {
    synchronized (gate) {
      silent = on;
      gate.notifyAll();
    }
  }

  /** Delays everything by that time, in both directions; zero for no longer. */
  public void delay(Duration by) {
    delayMillis = by.toMillis();
  }

  /** Ends all connections and refuses new ones. */
  public synchronized void interrupt() {
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
