/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.LuaScript;
import io.claimstream.connect.sink.write.StreamAppend;
import java.util.List;

/** The script that appends records to a stream. A record's one part is its packed fields. */
final class AppendToStream implements RecordScript {
  private static final LuaScript SCRIPT = RecordScript.beside(AppendToStream.class, "append.lua");

  @Override
  public LuaScript lua() {
    return SCRIPT;
  }

  @Override
  public List<Object> keys(String stream, String offsets, List<StreamAppend> appends) {
    return List.of(stream, offsets);
  }

  @Override
  public void addParts(Command call, StreamAppend append) {
    call.addAll(append.parts());
  }

  @Override
  public String describe(StreamAppend append) {
    return "XADD of " + append;
  }
}
