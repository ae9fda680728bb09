/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.validation;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisTopology;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server's version, mode and role, from {@code HELLO}, which every user may send, or from {@code
 * INFO}. A server that reports neither, as some services and proxies do, is accepted.
 *
 * @see <a href="https://redis.io/docs/latest/commands/hello/">HELLO</a>
 */
record ServerInfo(Map<String, String> properties) {
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");
  private static final int OLDEST_MAJOR = 6;
  private static final int OLDEST_MINOR = 2;

  static ServerInfo of(RedisConnection connection) {
    Object hello = connection.pipeline(List.of(Command.of("HELLO", 2))).get(0);
    Map<String, String> said = new HashMap<>();
    if (hello instanceof ErrorReply) {
      Object info = connection.pipeline(List.of(Command.of("INFO", "server"))).get(0);
      if (info instanceof byte[]) {
        readInfo(String.valueOf(Replies.text(info)), said);
      } else if (info instanceof ErrorReply error && error.code().equals("NOAUTH")) {
        Replies.checked(info, "INFO");
      }
    } else {
      Replies.map(hello).forEach((name, value) -> said.put(name, text(value)));
    }
    return new ServerInfo(said);
  }

  private static String text(@Nullable Object value) {
    return value instanceof byte[] ? String.valueOf(Replies.text(value)) : String.valueOf(value);
  }

  private static void readInfo(String info, Map<String, String> said) {
    for (String line : info.split("\r?\n", -1)) {
      int colon = line.indexOf(':');
      switch (colon < 0 ? "" : line.substring(0, colon)) {
        case "redis_version" -> said.put("version", line.substring(colon + 1));
        case "redis_mode" -> said.put("mode", line.substring(colon + 1));
        default -> {}
      }
    }
  }

  /** Returns the reason why a connector cannot work with the server; empty if there is none. */
  Optional<Problem> problem(RedisTopology topology, String address, boolean needsMaster) {
    String version = properties.getOrDefault("version", "");
    String mode = properties.getOrDefault("mode", "");
    if (isTooOld(version)) {
      return uri(
          "the server at " + address + " is version " + version + ": 6.2 or newer is required");
    }
    if (mode.equals("sentinel")) {
      return topology(address + " is a sentinel: set redis.topology=sentinel");
    }
    if (mode.equals("cluster") && topology != RedisTopology.CLUSTER) {
      return topology(address + " belongs to a cluster: set redis.topology=cluster");
    }
    if (needsMaster && properties.getOrDefault("role", "").equals("replica")) {
      return uri("the server at " + address + " is a replica: set the address of its master");
    }
    return Optional.empty();
  }

  private static boolean isTooOld(String version) {
    Matcher numbers = VERSION.matcher(version);
    if (!numbers.matches()) {
      return false;
    }
    int major = Integer.parseInt(numbers.group(1));
    return major < OLDEST_MAJOR
        || (major == OLDEST_MAJOR && Integer.parseInt(numbers.group(2)) < OLDEST_MINOR);
  }

  private static Optional<Problem> uri(String text) {
    return Optional.of(new Problem(RedisConnectionConfig.URI, text));
  }

  private static Optional<Problem> topology(String text) {
    return Optional.of(new Problem(RedisConnectionConfig.TOPOLOGY, text));
  }
}
