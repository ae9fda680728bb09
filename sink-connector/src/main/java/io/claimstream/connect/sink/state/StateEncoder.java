/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

import io.claimstream.connect.sink.RecordEncoding;
import io.claimstream.connect.sink.encode.BytesFormat;
import io.claimstream.connect.sink.encode.EntryFormat;
import io.claimstream.connect.sink.encode.JsonText;
import io.claimstream.connect.sink.encode.NullValues;
import io.claimstream.connect.sink.encode.RecordEncoder;
import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamAppend;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Encodes a record as the commands that give its key the record's state, whatever the key held
 * before. {@link StateScript} says how they are laid out.
 */
final class StateEncoder implements RecordEncoding {
  /** Maximum fields and values of a hash: Lua passes at most 8000 values to one call. */
  private static final int LARGEST_HASH = 7_700;

  private final KeyTemplate keys;
  private final StateType type;
  private final OptionalLong ttl;
  private final RecordEncoder members =
      new RecordEncoder(EntryFormat.ofMembers(NullValues.FAIL, BytesFormat.BASE64));

  /**
   * Creates an encoder.
   *
   * @param ttl the time to live of a key from its last record on, in milliseconds
   */
  StateEncoder(KeyTemplate keys, StateType type, OptionalLong ttl) {
    this.keys = keys;
    this.type = type;
    this.ttl = ttl;
  }

  @Override
  public Optional<StreamAppend> encode(String target, RecordOrigin origin, SinkRecord record) {
    List<byte[]> parts = RecordEncoder.checked(() -> parts(record));
    return Optional.of(StreamAppend.of(target, parts, origin, record));
  }

  private List<byte[]> parts(SinkRecord record) {
    Parts parts = new Parts(keys.of(record));
    Object value = record.value();
    if (value == null) {
      return parts.command("DEL", List.of()).list;
    }
    Schema schema = value instanceof Struct struct ? struct.schema() : record.valueSchema();
    switch (type) {
      case HASH -> {
        // the fields that the record no longer has vanish, and so does a key of another type
        parts.command("DEL", List.of()).command("HSET", fields(record));
        ttl.ifPresent(millis -> parts.command("PEXPIRE", List.of(bytes(millis))));
      }
      case JSON_STRING -> {
        List<byte[]> arguments = new ArrayList<>(List.of(JsonText.of(schema, value)));
        ttl.ifPresent(millis -> arguments.addAll(List.of(bytes("PX"), bytes(millis))));
        parts.command("SET", arguments);
      }
      case JSON -> {
        // no DEL: a document that RedisJSON rejects leaves the one before
        parts.command("JSON.SET", List.of(bytes("$"), JsonText.of(schema, value)));
        if (ttl.isPresent()) {
          parts.command("PEXPIRE", List.of(bytes(ttl.getAsLong())));
        } else {
          parts.command("PERSIST", List.of());
        }
      }
    }
    return parts.list;
  }

  private List<byte[]> fields(SinkRecord record) {
    List<byte[]> fields = members.encode(record).orElseThrow();
    if (fields.size() > LARGEST_HASH) {
      throw new DataException(
          "has "
              + fields.size() / 2
              + " fields; a hash can be written with at most "
              + LARGEST_HASH / 2);
    }
    return fields;
  }

  private static byte[] bytes(Object text) {
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** A key and its commands. */
  private static final class Parts {
    private final List<byte[]> list = new ArrayList<>(32);

    Parts(String key) {
      list.add(bytes(key));
    }

    /** Adds a command, whose first argument is the key. */
    Parts command(String name, List<byte[]> arguments) {
      list.add(bytes(1 + arguments.size()));
      list.add(bytes(name));
      list.addAll(arguments);
      return this;
    }
  }
}
