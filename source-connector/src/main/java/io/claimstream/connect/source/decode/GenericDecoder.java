/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.redis.stream.StreamEntry;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Decoder that keeps entries untyped: id, stream, a map of the fields whose values are text, and a
 * map of the fields whose values are not UTF-8, as bytes. Every field is in exactly one of the two
 * maps.
 */
public final class GenericDecoder implements EntryDecoder {
  private static final Schema SCHEMA =
      SchemaBuilder.struct()
          .name("io.claimstream.events.StreamEntry")
          .version(1)
          .doc("An entry of a Redis stream.")
          .field("id", Schema.STRING_SCHEMA)
          .field("stream", Schema.STRING_SCHEMA)
          .field("fields", SchemaBuilder.map(Schema.STRING_SCHEMA, Schema.STRING_SCHEMA).build())
          .field(
              "binary_fields",
              SchemaBuilder.map(Schema.STRING_SCHEMA, Schema.BYTES_SCHEMA)
                  .doc("The fields whose values are not UTF-8.")
                  .build())
          .build();

  private final EventFields fields;

  /**
   * Creates a decoder that reads key, time and type from the given fields, if an entry has them.
   */
  public GenericDecoder(EventFields fields) {
    this.fields = fields;
  }

  @Override
  public DecodedEvent decode(String stream, StreamEntry entry) throws BadEntryException {
    Map<String, String> texts = new LinkedHashMap<>();
    Map<String, byte[]> binaries = new LinkedHashMap<>();
    for (Map.Entry<String, byte[]> field : EntryText.fields(stream, entry).entrySet()) {
      try {
        texts.put(field.getKey(), EntryText.utf8(field.getValue()));
      } catch (FieldException e) {
        binaries.put(field.getKey(), field.getValue());
      }
    }
    if (binaries.containsKey(fields.key())) {
      throw new BadEntryException(
          stream,
          entry.id(),
          fields.key(),
          "is not UTF-8; it provides the record's key (event.key.field)");
    }
    Struct value =
        new Struct(SCHEMA)
            .put("id", entry.id().toString())
            .put("stream", stream)
            .put("fields", texts)
            .put("binary_fields", binaries);
    return new DecodedEvent(
        value, texts.get(fields.key()), time(texts), texts.getOrDefault(fields.type(), ""));
  }

  /**
   * Returns the event time, or null if the field is not a time: in untyped entries the field can
   * have another meaning.
   */
  private @Nullable Long time(Map<String, String> texts) {
    String text = texts.get(fields.timestamp());
    try {
      return text == null ? null : EventTime.millis(text);
    } catch (FieldException e) {
      return null;
    }
  }
}
