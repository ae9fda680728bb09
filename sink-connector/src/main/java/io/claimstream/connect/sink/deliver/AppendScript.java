/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.sink.write.LuaScript;
import io.claimstream.connect.sink.write.PipelinedWrite;
import io.claimstream.connect.sink.write.StreamConnections;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Calls of the script {@code append.lua} that are on their way, and the commands after them. */
final class AppendScript {
  private static final LuaScript SCRIPT = LuaScript.beside(AppendScript.class, "append.lua");

  private final List<String> keys;
  private final List<List<Object>> calls;
  private final PipelinedWrite write;
  private final int after;

  private AppendScript(
      List<String> keys, List<List<Object>> calls, PipelinedWrite write, int after) {
    this.keys = keys;
    this.calls = calls;
    this.write = write;
    this.after = after;
  }

  /** Calls the script once for each list of arguments, and sends the commands after it. */
  static AppendScript send(
      StreamConnections connections,
      String stream,
      String positions,
      List<List<Object>> calls,
      List<Command> after) {
    List<String> keys = List.of(stream, positions);
    List<Command> commands = new ArrayList<>(calls.size() + after.size());
    calls.forEach(arguments -> commands.add(SCRIPT.byDigest(keys).addAll(arguments)));
    commands.addAll(after);
    return new AppendScript(
        keys, calls, PipelinedWrite.send(connections, stream, commands), after.size());
  }

  /**
   * The script's replies, then the others'. A server that does not know the script gets it.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if they do not come
   */
  List<@Nullable Object> receive() {
    List<@Nullable Object> replies = new ArrayList<>(write.receive(calls.size() + after));
    for (int i = 0; i < calls.size(); i++) {
      if (LuaScript.isUnknown(replies.get(i))) {
        Command bySource = SCRIPT.bySource(keys).addAll(calls.get(i));
        replies.set(i, write.connection().pipeline(List.of(bySource)).get(0));
      }
    }
    return replies;
  }

  /** How long the task was held up by sending. */
  Duration sending() {
    return write.sending();
  }
}
