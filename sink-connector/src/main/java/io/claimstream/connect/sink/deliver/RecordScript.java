/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.LuaScript;
import io.claimstream.connect.sink.write.StreamAppend;
import java.util.List;

/**
 * The script by which a sink writes records and their offset in one atomic step: {@code
 * offsets.lua}, after the part that writes the records.
 */
public interface RecordScript {

  /** Appends records to a stream. */
  RecordScript APPEND = new AppendToStream();

  /** Returns the script whose first part is that file beside that class. */
  static LuaScript beside(Class<?> owner, String file) {
    return LuaScript.beside(owner, file).then(RecordScript.class, "offsets.lua");
  }

  /** Returns the whole script. */
  LuaScript lua();

  /**
   * Returns the script's keys for a call.
   *
   * @param stream the destination of the records
   * @param offsets the hash of stored offsets, which is the last of the keys
   */
  List<Object> keys(String stream, String offsets, List<StreamAppend> appends);

  /** Adds a record's parts to a call. */
  void addParts(Command call, StreamAppend append);

  /** Returns what the script does with a record, for messages. */
  String describe(StreamAppend append);
}
