/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import static java.util.Objects.requireNonNull;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The script {@code append.lua}, called by its digest once the server knows it. */
final class AppendScript {
  private static final String SOURCE = read();
  private static final String DIGEST = digest(SOURCE);
  private static final int KEYS = 2;

  private AppendScript() {}

  /**
   * Runs the script once for each list of arguments, then the commands after it, in one round trip.
   *
   * @return the script's replies, then the others'
   */
  static List<@Nullable Object> call(
      RedisConnection connection,
      String stream,
      String positions,
      List<List<Object>> calls,
      List<Command> after) {
    List<Command> commands = new ArrayList<>(calls.size() + after.size());
    for (List<Object> arguments : calls) {
      commands.add(Command.of("EVALSHA", DIGEST, KEYS, stream, positions).addAll(arguments));
    }
    commands.addAll(after);
    List<@Nullable Object> replies = new ArrayList<>(connection.pipeline(commands));
    for (int i = 0; i < calls.size(); i++) {
      if (replies.get(i) instanceof ErrorReply error && error.code().equals("NOSCRIPT")) {
        Command eval = Command.of("EVAL", SOURCE, KEYS, stream, positions).addAll(calls.get(i));
        replies.set(i, connection.pipeline(List.of(eval)).get(0));
      }
    }
    return replies;
  }

  private static String read() {
    try (InputStream in = AppendScript.class.getResourceAsStream("append.lua")) {
      return new String(requireNonNull(in, "append.lua").readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
