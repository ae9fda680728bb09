/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** In-memory streams with the failures that a test requests. */
final class ScriptedRedis implements RedisConnections {
  private final Map<String, List<List<String>>> streams = new HashMap<>();
  private final Map<String, String> types = new HashMap<>();
  private final Map<Integer, Fault> faults = new HashMap<>();
  private final List<String> commands = new ArrayList<>();
  private @Nullable RuntimeException refusal;
  private int appends;
  private final List<Scripted> opened = new ArrayList<>();
  private Runnable answering = () -> {};

  private enum Fault {
    OOM("OOM command not allowed when used memory > 'maxmemory'."),
    TOO_LARGE("ERR string exceeds maximum allowed size (proto-max-bulk-len)"),
    WRONGTYPE("WRONGTYPE Operation against a key holding the wrong kind of value"),
    NOPERM("NOPERM this user has no permissions to run the 'xadd' command"),
    LOST(null),
    LOST_REPLY(null);

    private final @Nullable String error;

    Fault(@Nullable String error) {
      this.error = error;
    }
  }

  /** Answers the XADD of that index, from 0 over all connections, with OOM. */
  ScriptedRedis outOfMemoryAt(int append) {
    faults.put(append, Fault.OOM);
    return this;
  }

  ScriptedRedis tooLargeAt(int append) {
    faults.put(append, Fault.TOO_LARGE);
    return this;
  }

  ScriptedRedis wrongTypeAt(int append) {
    faults.put(append, Fault.WRONGTYPE);
    return this;
  }

  ScriptedRedis noPermissionAt(int append) {
    faults.put(append, Fault.NOPERM);
    return this;
  }

  /** Breaks the connection before that XADD reaches the server. */
  ScriptedRedis connectionLostAt(int append) {
    faults.put(append, Fault.LOST);
    return this;
  }

  /** Breaks the connection after that XADD was executed, before its reply. */
  ScriptedRedis replyLostAt(int append) {
    faults.put(append, Fault.LOST_REPLY);
    return this;
  }

  /** Runs an action for each command, such as moving a clock. */
  void whileAnswering(Runnable action) {
    answering = action;
  }

  /** Opens no connection from now on. */
  ScriptedRedis refusing(@Nullable RuntimeException reason) {
    refusal = reason;
    return this;
  }

  ScriptedRedis holding(String key, String type) {
    types.put(key, type);
    return this;
  }

  /** The entries of a stream, each as name, value, name, value, …. */
  List<List<String>> entries(String stream) {
    return streams.getOrDefault(stream, List.of());
  }

  /** One field of all the entries that have it. */
  List<String> values(String stream, String field) {
    return entries(stream).stream()
        .filter(entry -> entry.contains(field))
        .map(entry -> entry.get(entry.indexOf(field) + 1))
        .toList();
  }

  /** All commands but XADD, with their arguments. */
  List<String> otherCommands() {
    return commands;
  }

  @Override
  public RedisConnection open(String key) {
    if (refusal != null) {
      throw refusal;
    }
    Scripted connection = new Scripted();
    opened.add(connection);
    return connection;
  }

  /** Closes all connections, as a server does with idle ones after its {@code timeout}. */
  void closeIdleConnections() {
    opened.forEach(Scripted::closeWhileIdle);
  }

  private @Nullable Object answer(String name, List<String> arguments) {
    answering.run();
    if (!name.equals("XADD")) {
      commands.add(name + " " + String.join(" ", arguments));
    }
    String key = arguments.isEmpty() ? "" : arguments.get(0);
    return switch (name) {
      case "PING" -> bytes("PONG");
      case "TYPE" -> bytes(types.getOrDefault(key, streams.containsKey(key) ? "stream" : "none"));
      case "XTRIM", "XLEN", "HDEL", "HSET" -> 0L;
      case "XRANGE", "XINFO", "XPENDING", "HKEYS" -> List.of();
      case "HGET" -> null;
      case "HMGET" -> Collections.nCopies(arguments.size() - 1, null);
      case "EVAL", "EVALSHA" -> List.of(0L, bytes("")); // trim.lua
      case "XADD" -> {
        List<List<String>> entries = streams.computeIfAbsent(key, k -> new ArrayList<>());
        entries.add(arguments.subList(2, arguments.size()));
        yield bytes(entries.size() + "-0");
      }
      default -> new ErrorReply("ERR unknown command '" + name + "'");
    };
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private final class Scripted implements RedisConnection {
    private final Queue<Optional<Object>> replies = new ArrayDeque<>();
    private boolean lost;
    private boolean closedWhileIdle;

    private void closeWhileIdle() {
      closedWhileIdle = true;
      lost = true;
    }

    @Override
    public boolean isClosedByServer() {
      return closedWhileIdle && replies.isEmpty();
    }

    @Override
    public void send(List<Command> batch) {
      for (Command command : batch) {
        if (!lost) {
          take(command);
        }
      }
    }

    private void take(Command command) {
      Fault fault = command.name().equals("XADD") ? faults.get(appends++) : null;
      List<String> arguments =
          command.arguments().stream().map(a -> new String(a, StandardCharsets.UTF_8)).toList();
      lost = fault == Fault.LOST || fault == Fault.LOST_REPLY;
      Object reply = null;
      if (fault != null && fault.error != null) {
        reply = new ErrorReply(fault.error);
      } else if (fault != Fault.LOST) {
        reply = answer(command.name(), arguments);
      }
      if (!lost) {
        replies.add(Optional.ofNullable(reply));
      }
    }

    @Override
    public List<@Nullable Object> receive(int count, Duration patience) {
      List<@Nullable Object> received = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Optional<Object> reply = replies.poll();
        if (reply == null) {
          throw new RedisOutageException("connection lost", null);
        }
        received.add(reply.orElse(null));
      }
      return received;
    }

    @Override
    public String address() {
      return "scripted:6379";
    }

    @Override
    public void close() {
      lost = true;
    }
  }
}
