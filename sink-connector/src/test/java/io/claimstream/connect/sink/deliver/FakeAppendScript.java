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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code append.lua} in Java, for Redis in memory; {@link FakeAppendScriptTest} compares them. */
public final class FakeAppendScript implements ScriptFunction {
  private static final Pattern POSITION = Pattern.compile("(-?\\d+) (-?\\d+)");

  private final Function<List<byte[]>, @Nullable String> refusals;

  private FakeAppendScript(Function<List<byte[]>, @Nullable String> refusals) {
    this.refusals = refusals;
  }

  /**
   * Teaches a server the script.
   *
   * @param refusals the error by which the server refuses to append these fields, or null
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
    Object stored = redis.pcall("HGET", keys.get(1), field);
    if (stored instanceof ErrorReply error) {
      return List.of(0, 0, error.text());
    }
    String position = stored == null ? "-1 -1" : text((byte[]) stored);
    Matcher parts = POSITION.matcher(position);
    if (!parts.matches()) {
      return List.of(0, 0, "UNREADABLE");
    }
    if (Long.parseLong(parts.group(1)) < number(arguments.get(1))
        || Long.parseLong(parts.group(2)) < number(arguments.get(2))) {
      return List.of(0, 0, "");
    }
    if (redis.pcall("HSET", keys.get(1), field, position) instanceof ErrorReply error) {
      return List.of(0, 0, error.text());
    }
    return append(
        redis, keys, arguments, Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)));
  }

  private Object append(
      Calls redis, List<byte[]> keys, List<byte[]> arguments, long storedLast, long storedNewest) {
    long last = storedLast;
    long newest = storedNewest;
    int dealtWith = 0;
    int appended = 0;
    String failure = "";
    for (int i = 3; i < arguments.size(); ) {
      long offset = number(arguments.get(i));
      long timestamp = number(arguments.get(i + 1));
      int count = (int) number(arguments.get(i + 2));
      boolean isNewer = timestamp > newest;
      if (offset > last) {
        newest = Math.max(newest, timestamp);
        String refusal = add(redis, keys.get(0), arguments.subList(i + 3, i + 3 + count));
        if (refusal != null) {
          failure = refusal;
          break;
        }
        last = offset;
        appended++;
      } else if (isNewer && newest >= 0) {
        failure = "RECREATED";
        break;
      }
      dealtWith++;
      i += 3 + count;
    }
    redis.call("HSET", keys.get(1), arguments.get(0), last + " " + newest);
    return List.of(dealtWith, appended, failure);
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

  private static long number(byte[] text) {
    return Long.parseLong(text(text));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
