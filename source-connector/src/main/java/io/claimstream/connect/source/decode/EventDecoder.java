/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.schema.AvroParameters;
import io.claimstream.connect.schema.EventSchema;
import io.claimstream.connect.schema.EventSchemas;
import java.math.BigDecimal;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Decoder of entries into typed events, by the schema version that each entry names.
 *
 * <p>A schema field {@code stream_id} of type string receives the entry's id; a field {@code
 * attributes} of type map of strings receives the fields that are not in the schema. Every other
 * schema field is read from the entry's field of the same name.
 */
public final class EventDecoder implements EntryDecoder {
  static final String STREAM_ID = "stream_id";
  static final String ATTRIBUTES = "attributes";
  private static final int LONGEST_VERSION = 9;

  private final EventSchemas schemas;
  private final EventFields fields;
  private final NavigableMap<Integer, EventLayout> layouts = new TreeMap<>();
  private final UnknownFields unknownFields;

  /** Creates a decoder for the given schemas. */
  public EventDecoder(
      EventSchemas schemas,
      EventFields fields,
      VersionPolicy versions,
      UnknownFields unknownFields) {
    this.schemas = schemas;
    this.fields = fields;
    for (EventSchema schema : schemas.all()) {
      layouts.put(schema.version(), EventLayout.of(schemas, schema, versions));
    }
    this.unknownFields = unknownFields;
  }

  /** Whether a schema has a field for unknown fields. */
  public static boolean takesAttributes(Schema schema) {
    Field field = schema.field(ATTRIBUTES);
    return field != null
        && field.schema().type() == Schema.Type.MAP
        && field.schema().valueSchema().type() == Schema.Type.STRING;
  }

  /** Whether a schema has a field for the entry's id. */
  static boolean takesStreamId(Schema schema) {
    Field field = schema.field(STREAM_ID);
    return field != null && AvroParameters.isPlainString(field.schema());
  }

  @Override
  public DecodedEvent decode(String stream, StreamEntry entry) throws BadEntryException {
    Map<String, byte[]> given = EntryText.fields(stream, entry);
    Reading reading = new Reading(stream, entry, given);
    String key = reading.text(fields.key());
    if (key == null || key.isEmpty()) {
      throw reading.bad(fields.key(), "is missing; it provides the record's key (event.key.field)");
    }
    String type = reading.text(fields.type());
    EventLayout layout = layout(reading);
    Struct event = reading.event(layout);
    if (layout.upgradesAfterwards()) {
      event = schemas.upgrade(layout.written(), event);
    }
    // after the upgrade, because it may have renamed the field
    return new DecodedEvent(event, key, timestamp(reading, event), type == null ? "" : type);
  }

  private EventLayout layout(Reading reading) throws BadEntryException {
    String text = reading.text(fields.version());
    if (text == null) {
      return layouts.firstEntry().getValue();
    }
    if (!Digits.are(text, LONGEST_VERSION)) {
      throw reading.bad(fields.version(), "is not a version: expected a number such as 1");
    }
    int version = Integer.parseInt(text);
    EventLayout layout = layouts.get(version);
    if (layout == null) {
      throw reading.bad(
          fields.version(),
          "names version "
              + version
              + ", which is not in event.schemas; the latest there is "
              + schemas.latest().version());
    }
    return layout;
  }

  private @Nullable Long timestamp(Reading reading, Struct event) throws BadEntryException {
    Field field = event.schema().field(fields.timestamp());
    Object typed = field == null ? null : event.get(field);
    Object value = typed == null ? reading.text(fields.timestamp()) : typed;
    if (value instanceof Date date) {
      return date.getTime();
    }
    try {
      return value == null ? null : EventTime.millis(text(value));
    } catch (FieldException e) {
      throw reading.bad(
          fields.timestamp(),
          e.getMessage() + "; event.timestamp.field declares it as the event time");
    }
  }

  private static String text(Object value) {
    return value instanceof Double || value instanceof Float
        ? new BigDecimal(value.toString()).toPlainString()
        : value.toString();
  }

  /** Decoding of one entry. */
  private final class Reading {
    private final String stream;
    private final StreamEntry entry;
    private final Map<String, byte[]> given;

    Reading(String stream, StreamEntry entry, Map<String, byte[]> given) {
      this.stream = stream;
      this.entry = entry;
      this.given = given;
    }

    BadEntryException bad(String field, String reason) {
      return new BadEntryException(stream, entry.id(), field, reason);
    }

    @Nullable String text(String name) throws BadEntryException {
      byte[] bytes = given.get(name);
      try {
        return bytes == null ? null : EntryText.utf8(bytes);
      } catch (FieldException e) {
        throw bad(name, String.valueOf(e.getMessage()));
      }
    }

    Struct event(EventLayout layout) throws BadEntryException {
      Struct event = layout.newEvent();
      if (layout.streamId() != null) {
        event.put(layout.streamId(), entry.id().toString());
      }
      int known = 0;
      for (EventLayout.Place place : layout.places()) {
        byte[] bytes = given.get(place.field().name());
        known += bytes == null ? 0 : 1;
        Object value = bytes == null ? absent(place.field()) : value(place, bytes);
        // a new event has null in every field
        if (place.target() != null && value != null) {
          event.put(place.target(), value);
        }
      }
      Map<String, String> unknown = known == given.size() ? Map.of() : unknown(layout);
      if (layout.attributes() != null) {
        event.put(
            layout.attributes(), unknownFields == UnknownFields.ATTRIBUTES ? unknown : Map.of());
      }
      return event;
    }

    private @Nullable Object absent(Field field) throws BadEntryException {
      Schema schema = field.schema();
      if (schema.isOptional() || schema.defaultValue() != null) {
        return schema.defaultValue();
      }
      throw bad(field.name(), "is missing; the event's schema requires it");
    }

    private Object value(EventLayout.Place place, byte[] bytes) throws BadEntryException {
      Field field = place.field();
      try {
        return place.isText() ? EntryText.utf8(bytes) : FieldParser.parse(field.schema(), bytes);
      } catch (FieldException e) {
        throw bad(field.name(), String.valueOf(e.getMessage()));
      }
    }

    private Map<String, String> unknown(EventLayout layout) throws BadEntryException {
      if (unknownFields == UnknownFields.IGNORE) {
        return Map.of();
      }
      Map<String, String> unknown = new LinkedHashMap<>();
      for (String name : given.keySet()) {
        if (name.equals(fields.version()) || layout.reads(name)) {
          continue;
        }
        if (unknownFields == UnknownFields.FAIL) {
          boolean isFilled = layout.written().connect().field(name) != null;
          throw bad(
              name,
              isFilled
                  ? "is set by the connector; an entry must not contain it (unknown.fields=fail)"
                  : "is not in the event's schema (unknown.fields=fail)");
        }
        String text = text(name);
        if (text != null) {
          unknown.put(name, text);
        }
      }
      return unknown;
    }
  }
}
