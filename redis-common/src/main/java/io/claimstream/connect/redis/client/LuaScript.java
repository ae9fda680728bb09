/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A bundled Lua script, called by its digest if the server has it loaded, otherwise by its text.
 */
public final class LuaScript {
  private final String source;
  private final String digest;

  private LuaScript(String source) {
    this.source = source;
    this.digest = digest(source);
  }

  /** Loads the script from that file beside that class. */
  public static LuaScript beside(Class<?> owner, String file) {
    return new LuaScript(read(owner, file));
  }

  /** Returns this script followed by that file beside that class, as one script. */
  public LuaScript then(Class<?> owner, String file) {
    return new LuaScript(source + read(owner, file));
  }

  private static String read(Class<?> owner, String file) {
    try (InputStream in = owner.getResourceAsStream(file)) {
      return new String(requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns a call by digest, which is short but fails on a server without the script. */
  public Command byDigest(List<?> keys) {
    return Command.of("EVALSHA", digest, keys.size()).addAll(keys);
  }

  /** Returns a call by text, which also loads the script on the server. */
  public Command bySource(List<?> keys) {
    return Command.of("EVAL", source, keys.size()).addAll(keys);
  }

  /** Returns the script's text. */
  public String text() {
    return source;
  }

  /**
   * Returns whether a reply means that the server does not have the script and executed nothing.
   */
  public static boolean isUnknown(@Nullable Object reply) {
    return reply instanceof ErrorReply error && error.code().equals("NOSCRIPT");
  }

  /** Returns the SHA-1 digest by which Redis identifies the script. */
  private static String digest(String source) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-1").digest(source.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform supports SHA-1
    }
  }
}
