/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.LuaScript;
import io.claimstream.connect.sink.deliver.RecordScript;
import io.claimstream.connect.sink.write.StreamAppend;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The script that writes states. A record's parts are its key and its packed commands. */
final class StateScript implements RecordScript {
  static final LuaScript SCRIPT = RecordScript.beside(StateScript.class, "state.lua");

  @Override
  public LuaScript lua() {
    return SCRIPT;
  }

  @Override
  public List<Object> keys(String stream, String offsets, List<StreamAppend> appends) {
    List<Object> keys = new ArrayList<>(appends.size() + 1);
    appends.forEach(append -> keys.add(append.parts().get(0)));
    keys.add(offsets);
    return keys;
  }

  @Override
  public void addParts(Command call, StreamAppend append) {
    List<byte[]> parts = append.parts();
    call.add(parts.size() - 1).addAll(parts.subList(1, parts.size()));
  }

  @Override
  public String describe(StreamAppend append) {
    String key = new String(append.parts().get(0), StandardCharsets.UTF_8);
    return "the state of key '" + key + "', record " + append;
  }
}
