/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.sink.write.LuaScript;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The script {@code append.lua}. */
final class AppendScript {
  private static final LuaScript SCRIPT = LuaScript.beside(AppendScript.class, "append.lua");

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
    List<String> keys = List.of(stream, positions);
    List<Command> commands = new ArrayList<>(calls.size() + after.size());
    calls.forEach(arguments -> commands.add(SCRIPT.byDigest(keys).addAll(arguments)));
    commands.addAll(after);
    List<@Nullable Object> replies = new ArrayList<>(connection.pipeline(commands));
    for (int i = 0; i < calls.size(); i++) {
      if (LuaScript.isUnknown(replies.get(i))) {
        Command bySource = SCRIPT.bySource(keys).addAll(calls.get(i));
        replies.set(i, connection.pipeline(List.of(bySource)).get(0));
      }
    }
    return replies;
  }
}
