/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a server older than Redis 6.2 says of itself, and nothing else: none can be had for every
 * system this build runs on.
 */
final class OldRedis implements AutoCloseable {
  private final ServerSocket listening;
  private final String version;

  OldRedis(String version) {
    try {
      this.listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.version = version;
    serve("old-redis", this::accept);
  }

  String uri() {
    return "redis://127.0.0.1:" + listening.getLocalPort();
  }

  private static void serve(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        serve("old-redis-client", () -> answer(client));
      }
    } catch (IOException closed) {
      // the test has ended
    }
  }

  private void answer(Socket client) {
    try (client;
        BufferedReader in =
            new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
        OutputStream out = client.getOutputStream()) {
      for (String count = in.readLine(); count != null; count = in.readLine()) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(count.substring(1)); i++) {
          in.readLine();
          words.add(in.readLine());
        }
        out.write(reply(words.get(0).toUpperCase(Locale.ROOT)).getBytes(UTF_8));
        out.flush();
      }
    } catch (IOException gone) {
      // a client that left
    }
  }

  private String reply(String command) {
    String info = "# Server\r\nredis_version:" + version + "\r\nredis_mode:standalone\r\n";
    return switch (command) {
      case "CLIENT", "PING" -> "+OK\r\n";
      case "INFO" -> "$" + info.length() + "\r\n" + info + "\r\n";
      case "HELLO" ->
          version.startsWith("6.")
              ? map(
                  "server",
                  "redis",
                  "version",
                  version,
                  "proto",
                  2L,
                  "id",
                  1L,
                  "mode",
                  "standalone",
                  "role",
                  "master")
              : "-ERR unknown command `HELLO`, with args beginning with: `2`, \r\n";
      default -> "-ERR unknown command `" + command + "`\r\n";
    };
  }

  private static String map(Object... words) {
    StringBuilder reply = new StringBuilder("*" + words.length + "\r\n");
    for (Object word : words) {
      reply.append(
          word instanceof Long number
              ? ":" + number + "\r\n"
              : "$" + word.toString().length() + "\r\n" + word + "\r\n");
    }
    return reply.toString();
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
