/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.sink.deliver.FakeRecordScript;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@code state.lua} in Java, for the in-memory Redis; {@link FakeStateScriptTest} compares them.
 */
public final class FakeStateScript {

  private FakeStateScript() {}

  /**
   * Installs the script on a server.
   *
   * @param refusals returns the error with which the server rejects these parts, or null
   */
  public static void teach(FakeRedis redis, Function<List<byte[]>, @Nullable String> refusals) {
    FakeRecordScript.install(
        redis,
        StateScript.SCRIPT,
        (calls, keys, record, rest) -> {
          List<List<byte[]>> commands = new ArrayList<>();
          for (int i = Integer.parseInt(new String(rest.next(), UTF_8)); i > 0; i--) {
            commands.add(FakeRecordScript.unpacked(rest.next()));
          }
          String refusal = refusals.apply(commands.stream().flatMap(List::stream).toList());
          if (refusal != null) {
            return refusal;
          }
          for (List<byte[]> command : commands) {
            String name = new String(command.get(0), UTF_8);
            Object[] arguments = command.subList(1, command.size()).toArray();
            if (calls.pcall(name, arguments) instanceof ErrorReply error) {
              return error.text();
            }
          }
          return null;
        });
  }
}
