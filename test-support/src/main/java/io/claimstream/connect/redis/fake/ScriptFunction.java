/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The effect of a Lua script, written in Java; runs atomically, like scripts in Redis. */
@FunctionalInterface
public interface ScriptFunction {

  /**
   * Runs the script.
   *
   * @param redis the server to call
   * @param keys {@code KEYS}, from index 0
   * @param arguments {@code ARGV}, from index 0
   * @return byte[], String, Long, Integer, Boolean, List of these, null or an ErrorReply
   */
  @Nullable Object run(Calls redis, List<byte[]> keys, List<byte[]> arguments);

  /** Lua's {@code redis.call} and {@code redis.pcall}. */
  interface Calls {

    /** Returns the reply; an error ends the script. */
    @Nullable Object call(String name, Object... arguments);

    /** Returns the reply, which may be an ErrorReply. */
    @Nullable Object pcall(String name, Object... arguments);
  }
}
