/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.decode.EntryShape.Source;
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

  private final EntryShapes shapes;

  /**
   * Creates a decoder that reads key, time, type and headers from the given fields, if an entry has
   * them.
   */
  public GenericDecoder(EventFields fields) {
    this.shapes = new EntryShapes(fields.withoutPayload());
  }

  @Override
  public DecodedEvent decode(String stream, StreamEntry entry) throws BadEntryException {
    EntryShape shape = shapes.of(stream, entry);
    Map<String, String> texts = new LinkedHashMap<>();
    Map<String, byte[]> binaries = new LinkedHashMap<>();
    for (Source source : shape.all()) {
      byte[] bytes = entry.value(source.position());
      try {
        texts.put(source.name(), EntryText.utf8(bytes));
      } catch (FieldException e) {
        binaries.put(source.name(), bytes);
      }
    }
    String key = shape.key().name();
    if (binaries.containsKey(key)) {
      throw new BadEntryException(
          stream, entry.id(), key, "is not UTF-8; it provides the record's key (event.key.field)");
    }
    Struct value =
        new Struct(SCHEMA)
            .put("id", entry.id().toString())
            .put("stream", stream)
            .put("fields", texts)
            .put("binary_fields", binaries);
    return new DecodedEvent(
        value,
        texts.get(key),
        time(entry, shape.timestamp()),
        texts.getOrDefault(shape.type().name(), ""),
        shape.headers(stream, entry));
  }

  /**
   * Returns the event time, or null if the field is not a time: in untyped entries the field can
   * have another meaning.
   */
  private static @Nullable Long time(StreamEntry entry, Source source) {
    try {
      return source.isAbsent() ? null : EventTime.millis(entry.value(source.position()));
    } catch (FieldException e) {
      return null;
    }
  }
}
