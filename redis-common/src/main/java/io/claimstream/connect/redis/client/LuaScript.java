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

/** A script of ours, called by its digest where the server knows it, else by its text. */
public final class LuaScript {
  private final String source;
  private final String digest;

  private LuaScript(String source) {
    this.source = source;
    this.digest = digest(source);
  }

  /** The script in that file beside that class. */
  public static LuaScript beside(Class<?> owner, String file) {
    try (InputStream in = owner.getResourceAsStream(file)) {
      return new LuaScript(
          new String(requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Calls it by its digest, which is short, but fails on a server that does not know it. */
  public Command byDigest(List<String> keys) {
    return Command.of("EVALSHA", digest, keys.size()).addAll(keys);
  }

  /** Calls it by its text, by which the server gets to know it. */
  public Command bySource(List<String> keys) {
    return Command.of("EVAL", source, keys.size()).addAll(keys);
  }

  /** Whether a reply says that the server does not know it, and so that nothing was done. */
  public static boolean isUnknown(@Nullable Object reply) {
    return reply instanceof ErrorReply error && error.code().equals("NOSCRIPT");
  }

  /** Redis names scripts by their SHA-1. */
  private static String digest(String source) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-1").digest(source.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }
}
