/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import static java.util.Objects.requireNonNull;

import io.claimstream.connect.redis.client.GuardedScript;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code guarded.lua} in Java, which {@code RedisContract} compares. */
final class FakeGuardedScript implements ScriptFunction {
  /** Of one command, about. */
  private static final int MOST_WORDS = 7_900;

  static String source() {
    try (InputStream in = GuardedScript.class.getResourceAsStream("guarded.lua")) {
      return new String(requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Object run(Calls redis, List<byte[]> keys, List<byte[]> arguments) {
    int compared = number(arguments.get(0));
    for (int i = 0; i < compared; i++) {
      Object held = redis.call("GET", keys.get(i));
      String text = held == null ? "" : "=" + Bytes.raw((byte[]) held);
      if (!text.equals(Bytes.raw(arguments.get(1 + i)))) {
        return false;
      }
    }
    List<@Nullable Object> replies = new ArrayList<>();
    int i = compared + 1;
    while (i < arguments.size()) {
      int last = i + number(arguments.get(i));
      if (last - i > MOST_WORDS) {
        throw new CommandError("ERR user_script:24: too many results to unpack");
      }
      replies.add(
          redis.pcall(
              Bytes.raw(arguments.get(i + 1)), arguments.subList(i + 2, last + 1).toArray()));
      i = last + 1;
    }
    return replies;
  }

  private static int number(byte[] argument) {
    return Integer.parseInt(Bytes.raw(argument));
  }
}
