/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** A port that answers nothing: neither commands, nor, once {@link #deaf}, a connect. */
final class Unanswering implements AutoCloseable {
  private static final int MORE_THAN_WAIT_IN_LINE = 16;

  private final ServerSocket listening;
  private final List<Socket> waiting = new ArrayList<>();

  /** Connects succeed, and that is all. */
  Unanswering() {
    try {
      this.listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes no connection any more, as a firewall that drops packets: its line is full. */
  Unanswering deaf() {
    try {
      for (int i = 0; i < MORE_THAN_WAIT_IN_LINE; i++) {
        Socket socket = new Socket();
        waiting.add(socket);
        socket.connect(listening.getLocalSocketAddress(), 300);
      }
    } catch (SocketTimeoutException full) {
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError("the line is never full");
  }

  String uri() {
    return "redis://127.0.0.1:" + listening.getLocalPort();
  }

  @Override
  public void close() {
    try {
      for (Socket socket : waiting) {
        socket.close();
      }
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
