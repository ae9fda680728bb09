/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import static java.util.Objects.requireNonNull;

import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.ScriptFunction;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@code append.lua} in Java, for the in-memory Redis; {@link FakeAppendScriptTest} compares them.
 */
public final class FakeAppendScript implements ScriptFunction {
  private final Function<List<byte[]>, @Nullable String> refusals;

  private FakeAppendScript(Function<List<byte[]>, @Nullable String> refusals) {
    this.refusals = refusals;
  }

  /**
   * Installs the script on a server.
   *
   * @param refusals returns the error with which the server rejects these fields, or null
   */
  public static void teach(FakeRedis redis, Function<List<byte[]>, @Nullable String> refusals) {
    redis.script(source(), new FakeAppendScript(refusals));
  }

  static String source() {
    try (InputStream in = FakeAppendScript.class.getResourceAsStream("append.lua")) {
      return new String(requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Object run(Calls redis, List<byte[]> keys, List<byte[]> arguments) {
    byte[] field = arguments.get(0);
    String expected = text(arguments.get(1));
    Object reply = redis.pcall("HGET", keys.get(1), field);
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
    if (redis.pcall("HSET", keys.get(1), field, probe) instanceof ErrorReply error) {
      return List.of(0, stored, error.text());
    }
    int appended = 0;
    String last = expected.split(" ", -1)[0];
    for (int i = 4; i < arguments.size(); ) {
      int count = Integer.parseInt(text(arguments.get(i + 1)));
      String refusal = add(redis, keys.get(0), arguments.subList(i + 2, i + 2 + count));
      if (refusal != null) {
        String partial = last + " " + newest;
        redis.call("HSET", keys.get(1), field, partial);
        return List.of(appended, partial, refusal);
      }
      appended++;
      last = text(arguments.get(i));
      i += 2 + count;
    }
    redis.call("HSET", keys.get(1), field, value);
    return List.of(appended, value, "");
  }

  private @Nullable String add(Calls redis, byte[] stream, List<byte[]> fields) {
    String refusal = refusals.apply(fields);
    if (refusal != null) {
      return refusal;
    }
    List<Object> words = new ArrayList<>(List.of(stream, "*"));
    words.addAll(fields);
    return redis.pcall("XADD", words.toArray()) instanceof ErrorReply error ? error.text() : null;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
