/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.LuaScript;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.ScriptFunction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code offsets.lua} in Java, for the in-memory Redis, after a part that writes a record. */
public final class FakeRecordScript implements ScriptFunction {
  private final Part part;

  private FakeRecordScript(Part part) {
    this.part = part;
  }

  /** The first part of a script. */
  @FunctionalInterface
  public interface Part {
    /**
     * Writes a record.
     *
     * @param record the number of the record in the call, from 0
     * @return the error because of which it was not written, or null
     */
    @Nullable String write(Calls redis, List<byte[]> keys, int record, List<byte[]> parts);
  }

  /** Installs a script on a server. */
  public static void install(FakeRedis redis, LuaScript script, Part part) {
    redis.script(script.text(), new FakeRecordScript(part));
  }

  @Override
  public Object run(Calls redis, List<byte[]> keys, List<byte[]> arguments) {
    byte[] offsets = keys.get(keys.size() - 1);
    byte[] field = arguments.get(0);
    String expected = text(arguments.get(1));
    Object reply = redis.pcall("HGET", offsets, field);
    if (reply instanceof ErrorReply error) {
      return List.of(0, "", error.text());
    }
    String stored = reply == null ? "" : text((byte[]) reply);
    if (!stored.equals(expected)) {
      return List.of(-1, stored, "");
    }
    String newest = text(arguments.get(3));
    String value = text(arguments.get(2)) + " " + newest;
    String probe = stored.isEmpty() ? value : stored;
    if (redis.pcall("HSET", offsets, field, probe) instanceof ErrorReply error) {
      return List.of(0, stored, error.text());
    }
    int done = 0;
    String last = expected.split(" ", -1)[0];
    for (int i = 4; i < arguments.size(); ) {
      int count = Integer.parseInt(text(arguments.get(i + 1)));
      String refusal = part.write(redis, keys, done, arguments.subList(i + 2, i + 2 + count));
      if (refusal != null) {
        String partial = last + " " + newest;
        redis.call("HSET", offsets, field, partial);
        return List.of(done, partial, refusal);
      }
      done++;
      last = text(arguments.get(i));
      i += 2 + count;
    }
    redis.call("HSET", offsets, field, value);
    return List.of(done, value, "");
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
