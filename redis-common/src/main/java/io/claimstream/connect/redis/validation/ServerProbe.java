/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.validation;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisTopology;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks a reachable Redis once: its version, the keys, and the user's permissions. */
final class ServerProbe {
  private static final String NO_PERMISSION = "NOPERM";
  private static final String UNKNOWN_COMMAND = "unknown command";
  private static final String REPLICA = "READONLY";
  private static final String NO_FILE = "appendonly is disabled";

  /** A command of Redis 7.2 and newer. */
  private static final String WAIT_FOR_FILE = "WAITAOF";

  private static final String ANY_ERROR = "ERR";
  private static final String SCRIPT = "EVAL";

  private final RedisConnections connections;
  private final RedisTopology topology;
  private final boolean needsMaster;
  private final Map<String, Problem> found = new LinkedHashMap<>();

  /**
   * Creates a probe.
   *
   * @param needsMaster whether a replica does not suffice
   */
  ServerProbe(RedisConnections connections, RedisTopology topology, boolean needsMaster) {
    this.connections = connections;
    this.topology = topology;
    this.needsMaster = needsMaster;
  }

  /** Returns at most one problem for each setting. */
  List<Problem> problems(List<RequiredAccess> keys) {
    if (keys.isEmpty()) {
      try (RedisConnection connection = connections.open("")) {
        isUnsuitable(connection);
      }
    }
    keys.forEach(this::check);
    return List.copyOf(found.values());
  }

  private void check(RequiredAccess access) {
    try (RedisConnection connection = connections.open(access.key())) {
      if (isUnsuitable(connection)) {
        return; // any other reply is irrelevant
      }
      String type = Replies.text(connection.call(Command.of("TYPE", access.key())));
      if (!"stream".equals(type) && !"none".equals(type)) {
        add(access.setting(), "key '" + access.key() + "' is a " + type + ", not a stream");
        return;
      }
      probe(connection, access);
    }
  }

  private boolean isUnsuitable(RedisConnection connection) {
    return ServerInfo.of(connection)
        .problem(topology, connection.address(), needsMaster)
        .map(problem -> add(problem.setting(), problem.text()))
        .isPresent();
  }

  private void probe(RedisConnection connection, RequiredAccess access) {
    String server = "the server at " + connection.address();
    List<String> refused = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    List<@Nullable Object> replies =
        access.probes().isEmpty() ? List.of() : connection.pipeline(access.probes());
    for (int i = 0; i < replies.size(); i++) {
      if (replies.get(i) instanceof ErrorReply error) {
        String name = nameOf(access.probes().get(i));
        if (error.text().contains(NO_PERMISSION)) { // EXECABORT quotes it
          refused.add(name);
        } else if (error.text().contains(UNKNOWN_COMMAND)) {
          unknown.add(name);
        } else if (error.text().contains(NO_FILE)) {
          add(access.setting(), server + " keeps no append-only file: set appendonly=yes there");
        } else if (error.code().equals(REPLICA)) {
          add(RedisConnectionConfig.URI, "the server is a replica: set the address of its master");
        } else if (name.equals(SCRIPT) && error.code().equals(ANY_ERROR)) {
          // such as a Valkey built without Lua, or a server without a library that a script uses
          add(
              RedisConnectionConfig.URI,
              server + " cannot run the connector's scripts: " + error.text().strip());
        }
      }
    }
    if (!refused.isEmpty()) {
      add(
          RedisConnectionConfig.USERNAME,
          "the user may not use "
              + String.join(", ", refused)
              + " on key '"
              + access.key()
              + "' or on its sibling keys (NOPERM): grant these commands and keys (ACL)");
    }
    if (!unknown.isEmpty()) {
      // a command of a module or of newer servers was asked for by the setting
      boolean isOptional =
          unknown.stream().allMatch(name -> name.indexOf('.') > 0 || name.equals(WAIT_FOR_FILE));
      add(
          isOptional ? access.setting() : RedisConnectionConfig.URI,
          server + " does not support " + String.join(", ", unknown));
    }
  }

  /**
   * Returns a command's name; both words of a command with subcommands, which have separate
   * permissions.
   */
  private static String nameOf(Command command) {
    return switch (command.name()) {
      case "XINFO", "XGROUP" ->
          command.name() + ' ' + new String(command.arguments().get(0), StandardCharsets.UTF_8);
      default -> command.name();
    };
  }

  private Problem add(String setting, String text) {
    return found.computeIfAbsent(setting, s -> new Problem(s, text));
  }
}
