/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.LuaScript;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.ScriptFunction;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code offsets.lua} in Java, for the in-memory Redis, after a part that writes a record. */
public final class FakeRecordScript implements ScriptFunction {
  private final Part part;

  private FakeRecordScript(Part part) {
    this.part = part;
  }

  /** The first part of a script. */
  @FunctionalInterface
  public interface Part {
    /**
     * Writes a record.
     *
     * @param record the number of the record in the call, from 0
     * @param arguments the arguments of this record and the next ones; takes those of this record
     * @return the error because of which it was not written, or null
     */
    @Nullable String write(Calls redis, List<byte[]> keys, int record, Iterator<byte[]> arguments);
  }

  /** Installs a script on a server. */
  public static void install(FakeRedis redis, LuaScript script, Part part) {
    redis.script(script.text(), new FakeRecordScript(part));
  }

  @Override
  public Object run(Calls redis, List<byte[]> keys, List<byte[]> arguments) {
    byte[] offsets = keys.get(keys.size() - 1);
    byte[] field = arguments.get(0);
    String expected = text(arguments.get(1));
    Object reply = redis.pcall("HGET", offsets, field);
    if (reply instanceof ErrorReply error) {
      return List.of(0, "", error.text());
    }
    String stored = reply == null ? "" : text((byte[]) reply);
    if (!stored.equals(expected)) {
      return List.of(-1, stored, "");
    }
    String newest = text(arguments.get(3));
    String value = text(arguments.get(2)) + " " + newest;
    String probe = stored.isEmpty() ? value : stored;
    if (redis.pcall("HSET", offsets, field, probe) instanceof ErrorReply error) {
      return List.of(0, stored, error.text());
    }
    List<String> recordOffsets = List.of(text(arguments.get(4)).split(" ", -1));
    Iterator<byte[]> records = arguments.subList(5, arguments.size()).iterator();
    int done = 0;
    while (records.hasNext()) {
      String refusal = part.write(redis, keys, done, records);
      if (refusal != null) {
        String last = done == 0 ? expected.split(" ", -1)[0] : recordOffsets.get(done - 1);
        String partial = last + " " + newest;
        redis.call("HSET", offsets, field, partial);
        return List.of(done, partial, refusal);
      }
      done++;
    }
    redis.call("HSET", offsets, field, value);
    return List.of(done, value, "");
  }

  /** Returns the words of a sequence of MessagePack strings. */
  public static List<byte[]> unpacked(byte[] packed) {
    ByteBuffer bytes = ByteBuffer.wrap(packed);
    List<byte[]> words = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte format = bytes.get();
      byte[] word =
          new byte
              [switch (format) {
                case (byte) 0xd9 -> Byte.toUnsignedInt(bytes.get());
                case (byte) 0xdb -> bytes.getInt();
                default -> throw new IllegalArgumentException("Bad data format in input.");
              }];
      bytes.get(word);
      words.add(word);
    }
    return words;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
