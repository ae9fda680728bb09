/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * A broker's second address, for requests of brokers. There it can be kept from writing the ends of
 * transactions into partitions, while everything else passes. Safe for use by several threads.
 */
final class MarkerGate implements AutoCloseable {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final ServerSocket listening;
  private final int target;
  private volatile boolean shut;

  /** In front of a port of loopback. */
  MarkerGate(int target) {
    this.target = target;
    try {
      this.listening = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.execute(this::accept);
  }

  /** Where it listens. */
  int port() {
    return listening.getLocalPort();
  }

  /** From now on no end of a transaction passes: its connection is closed instead. */
  void shut() {
    shut = true;
  }

  /** Everything passes. */
  void open() {
    shut = false;
  }

  private void accept() {
    try {
      while (true) {
        connect(listening.accept());
      }
    } catch (IOException e) {
      // it is closed
    }
  }

  private void connect(Socket client) throws IOException {
    Socket broker;
    try {
      broker = new Socket(InetAddress.getLoopbackAddress(), target);
    } catch (IOException e) { // the broker is away
      client.close();
      return;
    }
    client.setTcpNoDelay(true);
    broker.setTcpNoDelay(true);
    connections.add(client);
    connections.add(broker);
    threads.execute(() -> passRequests(client, broker));
    threads.execute(() -> passReplies(broker, client));
  }

  /** Requests are preceded by their length and begin with their kind. */
  private void passRequests(Socket from, Socket to) {
    try (from;
        to;
        DataInputStream in = new DataInputStream(from.getInputStream());
        DataOutputStream out = new DataOutputStream(to.getOutputStream())) {
      while (true) {
        byte[] request = new byte[in.readInt()];
        in.readFully(request);
        if (shut && ByteBuffer.wrap(request).getShort() == ApiKeys.WRITE_TXN_MARKERS.id) {
          return;
        }
        out.writeInt(request.length);
        out.write(request);
      }
    } catch (IOException e) {
      // one side has ended
    } finally {
      connections.remove(from);
      connections.remove(to);
    }
  }

  private static void passReplies(Socket from, Socket to) {
    try (from;
        to;
        InputStream in = from.getInputStream()) {
      in.transferTo(to.getOutputStream());
    } catch (IOException e) {
      // one side has ended
    }
  }

  @Override
  public void close() {
    try {
      listening.close();
      for (Socket connection : connections) {
        connection.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      threads.shutdownNow();
    }
  }
}
