/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/** A simulated network between a client and a local server: delays the server's replies. */
final class DelayingProxy implements AutoCloseable {
  private static final int BUFFER = 1 << 16;

  private final ServerSocket listening;
  private final int serverPort;
  private final long delayNanos;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /** Bytes of the server, none at the end of the stream, and the time at which to deliver them. */
  private record Delayed(ByteBuffer bytes, long dueNanos) {}

  /**
   * Creates a proxy for a server on the loopback address.
   *
   * @param roundTrip the latency added to each round trip
   */
  DelayingProxy(int serverPort, Duration roundTrip) {
    this.serverPort = serverPort;
    this.delayNanos = roundTrip.toNanos();
    try {
      this.listening = new ServerSocket(0, 1_000, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start("accept", this::accept);
  }

  String redisUri() {
    return "redis://127.0.0.1:" + listening.getLocalPort();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = remember(listening.accept());
      Socket server = remember(new Socket(InetAddress.getLoopbackAddress(), serverPort));
      BlockingQueue<Delayed> replies = new LinkedBlockingQueue<>();
      start("requests", () -> forward(client, server));
      start("replies", () -> receive(server, replies));
      start("delay", () -> deliver(replies, client));
    }
  }

  private Socket remember(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    sockets.add(socket);
    return socket;
  }

  private void forward(Socket from, Socket to) throws IOException {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } finally {
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private void receive(Socket from, BlockingQueue<Delayed> replies) throws IOException {
    byte[] buffer = new byte[BUFFER];
    try {
      for (int read = from.getInputStream().read(buffer);
          read > 0;
          read = from.getInputStream().read(buffer)) {
        replies.add(
            new Delayed(
                ByteBuffer.wrap(Arrays.copyOf(buffer, read)), System.nanoTime() + delayNanos));
      }
    } finally {
      replies.add(new Delayed(ByteBuffer.allocate(0), 0));
    }
  }

  private static void deliver(BlockingQueue<Delayed> replies, Socket to)
      throws IOException, InterruptedException {
    try (to) {
      for (Delayed next = replies.take(); next.bytes().hasRemaining(); next = replies.take()) {
        for (long left = next.dueNanos() - System.nanoTime();
            left > 0;
            left = next.dueNanos() - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        to.getOutputStream().write(next.bytes().array());
      }
    }
  }

  private interface Io {
    void run() throws IOException, InterruptedException;
  }

  private static void start(String name, Io io) {
    Thread thread =
        new Thread(
            () -> {
              try {
                io.run();
              } catch (IOException e) {
                // either end has closed the connection, or the proxy is closed
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "proxy-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      listening.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
