/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

import io.claimstream.connect.sink.RecordEncoding;
import io.claimstream.connect.sink.encode.BytesFormat;
import io.claimstream.connect.sink.encode.EntryFormat;
import io.claimstream.connect.sink.encode.NullValues;
import io.claimstream.connect.sink.encode.PackedWords;
import io.claimstream.connect.sink.encode.RecordEncoder;
import io.claimstream.connect.sink.encode.WordBuffer;
import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamAppend;
import java.nio.charset.StandardCharsets;
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

  private static final byte[] DEL = packed("DEL");
  private static final byte[] PERSIST = packed("PERSIST");

  private final KeyTemplate keys;
  private final StateType type;
  private final OptionalLong ttl;
  private final RecordEncoder members =
      new RecordEncoder(EntryFormat.ofMembers(NullValues.FAIL, BytesFormat.BASE64));
  private final WordBuffer words = new WordBuffer();

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
    byte[] key = keys.of(record).getBytes(StandardCharsets.UTF_8);
    Object value = record.value();
    if (value == null) {
      return List.of(key, DEL);
    }
    Schema schema = value instanceof Struct struct ? struct.schema() : record.valueSchema();
    return switch (type) {
      // the fields that the record no longer has vanish, and so does a key of another type
      case HASH ->
          ttl.isPresent()
              ? List.of(key, DEL, hash(record), expiry())
              : List.of(key, DEL, hash(record));
      case JSON_STRING -> {
        words.clear().add("SET").addJson(schema, value);
        ttl.ifPresent(millis -> words.add("PX").add(Long.toString(millis)));
        yield List.of(key, words.pack().packed());
      }
      case JSON -> {
        // no DEL: a document that RedisJSON rejects leaves the one before
        byte[] document =
            words.clear().add("JSON.SET").add("$").addJson(schema, value).pack().packed();
        yield List.of(key, document, ttl.isPresent() ? expiry() : PERSIST);
      }
    };
  }

  private byte[] hash(SinkRecord record) {
    PackedWords command = members.encode("HSET", record).orElseThrow();
    int size = command.size() - 1; // without the command's name
    if (size > LARGEST_HASH) {
      throw new DataException(
          "has " + size / 2 + " fields; a hash can be written with at most " + LARGEST_HASH / 2);
    }
    return command.packed();
  }

  private byte[] expiry() {
    return packed("PEXPIRE", Long.toString(ttl.orElseThrow()));
  }

  private static byte[] packed(String... command) {
    WordBuffer words = new WordBuffer();
    for (String word : command) {
      words.add(word);
    }
    return words.pack().packed();
  }
}
