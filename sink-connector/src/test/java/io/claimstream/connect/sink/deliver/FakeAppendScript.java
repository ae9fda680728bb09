/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.fake.FakeRedis;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@code append.lua} in Java, for the in-memory Redis; {@link FakeAppendScriptTest} compares them.
 */
public final class FakeAppendScript {

  private FakeAppendScript() {}

  /**
   * Installs the script on a server.
   *
   * @param refusals returns the error with which the server rejects these fields, or null
   */
  public static void teach(FakeRedis redis, Function<List<byte[]>, @Nullable String> refusals) {
    FakeRecordScript.install(
        redis,
        RecordScript.APPEND.lua(),
        (calls, keys, record, arguments) -> {
          List<byte[]> fields = FakeRecordScript.unpacked(arguments.next());
          String refusal = refusals.apply(fields);
          if (refusal != null) {
            return refusal;
          }
          List<Object> words = new ArrayList<>(List.of(keys.get(0), "*"));
          words.addAll(fields);
          return calls.pcall("XADD", words.toArray()) instanceof ErrorReply error
              ? error.text()
              : null;
        });
  }

  static String source() {
    return RecordScript.APPEND.lua().text();
  }
}
