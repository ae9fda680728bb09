/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.stack;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;

/** One inline command on one connection; answers the first line of the reply. */
final class RedisText {
  private static final int TIMEOUT_MILLIS = 2000;

  private RedisText() {}

  static String ask(int port, String command) throws IOException {
    try (Socket socket = new Socket(FreePorts.loopback(), port)) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write((command + "\r\n").getBytes(US_ASCII));
      return new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII))
          .readLine();
    }
  }
}
