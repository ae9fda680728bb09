/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import com.fasterxml.jackson.databind.JsonNode;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.schema.AvroParameters;
import io.claimstream.connect.schema.EventSchema;
import io.claimstream.connect.schema.EventSchemas;
import java.math.BigDecimal;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
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
 * schema field is read from the entry's field of the same name, or from the member of that name if
 * one field holds the whole event as JSON.
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
    Reading reading = new Reading(stream, entry, EntryText.fields(stream, entry));
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

  /** Decoding of one entry. A member of the payload hides the entry's field of its name. */
  private final class Reading {
    private final String stream;
    private final StreamEntry entry;
    private final Map<String, byte[]> given;
    private final Map<String, JsonNode> members;

    Reading(String stream, StreamEntry entry, Map<String, byte[]> given) throws BadEntryException {
      this.stream = stream;
      this.entry = entry;
      this.given = given;
      this.members =
          fields.payload().isEmpty() ? Map.of() : members(given.remove(fields.payload()));
    }

    private Map<String, JsonNode> members(byte @Nullable [] payload) throws BadEntryException {
      if (payload == null) {
        throw new BadEntryException(
            stream, entry.id(), fields.payload(), "is missing; event.payload.field names it");
      }
      try {
        return FieldParser.members(payload);
      } catch (FieldException e) {
        throw new BadEntryException(
            stream, entry.id(), fields.payload(), String.valueOf(e.getMessage()));
      }
    }

    BadEntryException bad(String field, String reason) {
      String name = members.containsKey(field) ? fields.payload() + '.' + field : field;
      return new BadEntryException(stream, entry.id(), name, reason);
    }

    @Nullable String text(String name) throws BadEntryException {
      JsonNode member = members.get(name);
      byte[] bytes = given.get(name);
      try {
        if (member != null) {
          return FieldParser.text(member);
        }
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
        Object value = value(place);
        if (value == null) {
          value = absent(place.field());
        } else {
          known++;
        }
        // a new event has null in every field
        if (place.target() != null && value != null) {
          event.put(place.target(), value);
        }
      }
      boolean isAllKnown = known == given.size() + members.size();
      Map<String, String> unknown = isAllKnown ? Map.of() : unknown(layout);
      if (layout.attributes() != null) {
        event.put(
            layout.attributes(), unknownFields == UnknownFields.ATTRIBUTES ? unknown : Map.of());
      }
      return event;
    }

    private Set<String> names() {
      if (members.isEmpty()) {
        return given.keySet();
      }
      Set<String> names = new LinkedHashSet<>(given.keySet());
      names.addAll(members.keySet());
      return names;
    }

    private @Nullable Object absent(Field field) throws BadEntryException {
      Schema schema = field.schema();
      if (schema.isOptional() || schema.defaultValue() != null) {
        return schema.defaultValue();
      }
      throw bad(field.name(), "is missing; the event's schema requires it");
    }

    private @Nullable Object value(EventLayout.Place place) throws BadEntryException {
      Field field = place.field();
      JsonNode member = members.get(field.name());
      byte[] bytes = given.get(field.name());
      try {
        if (member != null) {
          return FieldParser.parse(field.schema(), member);
        }
        if (bytes == null) {
          return null;
        }
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
      for (String name : names()) {
        if (name.equals(fields.version())
            || layout.reads(name)
            || (fields.headers().contains(name) && !members.containsKey(name))) {
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
