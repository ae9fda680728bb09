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
        (calls, keys, record, parts) -> {
          String refusal = refusals.apply(parts);
          if (refusal != null) {
            return refusal;
          }
          for (int i = 0; i < parts.size(); ) {
            int end = i + Integer.parseInt(new String(parts.get(i), UTF_8));
            List<Object> arguments = new ArrayList<>(List.of(keys.get(record)));
            arguments.addAll(parts.subList(i + 2, end + 1));
            String name = new String(parts.get(i + 1), UTF_8);
            if (calls.pcall(name, arguments.toArray()) instanceof ErrorReply error) {
              return error.text();
            }
            i = end + 1;
          }
          return null;
        });
  }
}
