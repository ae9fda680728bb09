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
  /** Maximum fields of a hash: Lua passes at most 8000 words to one call. */
  private static final int LARGEST_HASH = 3_850;

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
    String key = keys.of(record);
    List<byte[]> parts = new ArrayList<>(4);
    parts.add(key.getBytes(StandardCharsets.UTF_8));
    Object value = record.value();
    if (value == null) {
      parts.add(packed("DEL", key));
      return parts;
    }
    Schema schema = value instanceof Struct struct ? struct.schema() : record.valueSchema();
    switch (type) {
      case HASH -> {
        // the fields that the record no longer has vanish, and so does a key of another type
        parts.add(packed("DEL", key));
        parts.add(hash(key, record));
        ttl.ifPresent(millis -> parts.add(packed("PEXPIRE", key, Long.toString(millis))));
      }
      case JSON_STRING -> {
        words.clear().add("SET").add(key).addJson(schema, value);
        ttl.ifPresent(millis -> words.add("PX").add(Long.toString(millis)));
        parts.add(words.pack().packed());
      }
      case JSON -> {
        // no DEL: a document that RedisJSON rejects leaves the one before
        words.clear().add("JSON.SET").add(key).add("$").addJson(schema, value);
        parts.add(words.pack().packed());
        parts.add(
            ttl.isPresent()
                ? packed("PEXPIRE", key, Long.toString(ttl.getAsLong()))
                : packed("PERSIST", key));
      }
    }
    return parts;
  }

  private byte[] hash(String key, SinkRecord record) {
    PackedWords command = members.encode(List.of("HSET", key), record).orElseThrow();
    int fields = command.size() / 2 - 1;
    if (fields > LARGEST_HASH) {
      throw new DataException(
          "has " + fields + " fields; a hash can be written with at most " + LARGEST_HASH);
    }
    return command.packed();
  }

  private byte[] packed(String... command) {
    words.clear();
    for (String word : command) {
      words.add(word);
    }
    return words.pack().packed();
  }
}
