/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.sink.write.LuaScript;
import io.claimstream.connect.sink.write.PipelinedWrite;
import io.claimstream.connect.sink.write.StreamConnections;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Calls of the script {@code append.lua} that are on their way, and the commands after them. */
final class AppendScript {
  private static final LuaScript SCRIPT = LuaScript.beside(AppendScript.class, "append.lua");

  private final List<String> keys;
  private final List<Consumer<Command>> calls;
  private final PipelinedWrite write;
  private final int after;

  private AppendScript(
      List<String> keys, List<Consumer<Command>> calls, PipelinedWrite write, int after) {
    this.keys = keys;
    this.calls = calls;
    this.write = write;
    this.after = after;
  }

  /**
   * Calls the script, and sends the commands after it.
   *
   * @param calls each adds the arguments of one call
   */
  static AppendScript send(
      StreamConnections connections,
      String stream,
      String positions,
      List<Consumer<Command>> calls,
      List<Command> after) {
    List<String> keys = List.of(stream, positions);
    List<Command> commands = new ArrayList<>(calls.size() + after.size());
    calls.forEach(arguments -> commands.add(with(arguments, SCRIPT.byDigest(keys))));
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
        Command bySource = with(calls.get(i), SCRIPT.bySource(keys));
        replies.set(i, write.connection().pipeline(List.of(bySource)).get(0));
      }
    }
    return replies;
  }

  private static Command with(Consumer<Command> arguments, Command call) {
    arguments.accept(call);
    return call;
  }

  /** How long the task was held up by sending. */
  Duration sending() {
    return write.sending();
  }
}
