/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Loopback ports. Safe for use by several threads. */
public final class FreePorts {
  // Below the range the system takes ports for outgoing connections from. A port of that range can
  // be taken while its server is down for a restart, even by a client that connects to itself.
  private static final int FIRST = 12_000;
  private static final int LAST = 31_999;
  private static final Set<Integer> HANDED_OUT = ConcurrentHashMap.newKeySet();

  private FreePorts() {}

  /** Returns a free loopback port, never the same one twice in this JVM. */
  public static int free() {
    for (int attempt = 0; attempt < LAST - FIRST; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
      if (isFree(port) && HANDED_OUT.add(port)) {
        return port;
      }
    }
    throw new StackException("no free port between " + FIRST + " and " + LAST);
  }

  /** Returns whether a server could listen on this loopback port now. */
  public static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(loopback(), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  /**
   * Returns the requested port, or a free one for 0.
   *
   * @param option the user's option for another port, such as {@code --redis-port}
   * @throws StackException if the requested port is taken
   */
  public static int require(int port, String option) {
    if (port == 0) {
      return free();
    }
    if (!isFree(port)) {
      throw new StackException("port " + port + " is taken; choose another with " + option);
    }
    return port;
  }

  static InetAddress loopback() {
    try {
      return InetAddress.getByAddress("127.0.0.1", new byte[] {127, 0, 0, 1});
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
