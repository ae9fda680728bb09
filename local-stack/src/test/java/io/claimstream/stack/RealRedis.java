/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.file.Path;

/** The collected Redis, and replies from it. */
final class RealRedis {
  private static final int TIMEOUT_MILLIS = 2000;

  private RealRedis() {}

  /** Returns where Redis is; the other servers are not needed here, and not collected. */
  static StackFiles files() {
    Path none = Path.of("none");
    return new StackFiles(none, StackFiles.collectedRedis(), none, none);
  }

  /** Sends an inline command over a new connection and returns the first line of the reply. */
  static String ask(int port, String command) throws IOException {
    try (Socket socket = new Socket(FreePorts.loopback(), port)) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write((command + "\r\n").getBytes(US_ASCII));
      return new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII))
          .readLine();
    }
  }
}
