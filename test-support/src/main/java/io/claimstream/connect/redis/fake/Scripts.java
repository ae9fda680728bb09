/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** EVAL, EVALSHA and SCRIPT over Java functions. */
final class Scripts {
  private final CommandTable table;
  private final MemoryLimit memory;
  private final Map<String, ScriptFunction> functions = new HashMap<>();
  private final Set<String> loaded = new HashSet<>();

  Scripts(CommandTable table, MemoryLimit memory) {
    this.table = table;
    this.memory = memory;
  }

  ScriptFunction register(String text, ScriptFunction function) {
    functions.put(sha1(text.getBytes(StandardCharsets.UTF_8)), function);
    return function;
  }

  void addTo(CommandTable commands) {
    commands.add("EVAL", -3, a -> run(load(a.bytes(0)), a));
    commands.add("EVALSHA", -3, this::runLoaded);
    commands.add("SCRIPT", "LOAD", 3, a -> Bytes.of(load(a.bytes(1))));
    commands.add("SCRIPT", "EXISTS", -3, this::exist);
    commands.add("SCRIPT", "FLUSH", -2, a -> flush());
  }

  private @Nullable Object runLoaded(Arguments a) {
    String sha = a.raw(0).toLowerCase(Locale.ROOT);
    if (!loaded.contains(sha)) {
      throw new CommandError("NOSCRIPT No matching script. Please use EVAL.");
    }
    return run(sha, a);
  }

  private Object exist(Arguments a) {
    return a.from(1).stream()
        .map(sha -> loaded.contains(Bytes.raw(sha).toLowerCase(Locale.ROOT)) ? 1L : 0L)
        .toList();
  }

  private Object flush() {
    unloadAll();
    return Bytes.of("OK");
  }

  void unloadAll() {
    loaded.clear();
  }

  private String load(byte[] text) {
    String sha = sha1(text);
    if (!functions.containsKey(sha)) {
      throw new IllegalStateException(
          "call FakeRedis.script(text, function) with a function for this script: "
              + new String(text, StandardCharsets.UTF_8));
    }
    loaded.add(sha);
    return sha;
  }

  private @Nullable Object run(String sha, Arguments a) {
    long keys = a.number(1);
    if (keys < 0) {
      throw new CommandError("ERR Number of keys can't be negative");
    }
    if (keys > a.size() - 2) {
      throw new CommandError("ERR Number of keys can't be greater than number of args");
    }
    int firstArgument = 2 + (int) keys;
    ScriptFunction function = functions.get(sha);
    if (function == null) {
      throw new IllegalStateException("script " + sha + " was loaded but never registered");
    }
    try {
      return reply(
          function.run(
              new CallsOfScript(table, memory.script()),
              a.from(2).subList(0, (int) keys),
              a.from(firstArgument)));
    } catch (CommandError e) {
      throw new CommandError(e.text() + " script: " + sha + ", on @user_script:1.");
    }
  }

  /** Converts Lua values to Redis replies: true is 1, false is null. */
  private static @Nullable Object reply(@Nullable Object value) {
    if (value instanceof Boolean truth) {
      return truth ? 1L : null;
    }
    if (value instanceof Integer number) {
      return (long) number;
    }
    if (value instanceof String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> replies = new ArrayList<>();
      list.forEach(element -> replies.add(reply(element)));
      return replies;
    }
    return value;
  }

  private static String sha1(byte[] text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-1").digest(text);
      return String.format(Locale.ROOT, "%040x", new BigInteger(1, digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private record CallsOfScript(CommandTable table, MemoryLimit.InScript memory)
      implements ScriptFunction.Calls {
    @Override
    public @Nullable Object call(String name, Object... arguments) {
      Command command = Command.of(name, arguments);
      memory.check(command);
      return table.lookup(command).run(new Arguments(command, false));
    }

    @Override
    public @Nullable Object pcall(String name, Object... arguments) {
      try {
        return call(name, arguments);
      } catch (CommandError e) {
        return new ErrorReply(e.text());
      }
    }
  }
}
