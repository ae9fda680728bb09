/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.schema.AvroParameters;
import io.claimstream.connect.schema.EventSchema;
import io.claimstream.connect.schema.EventSchemas;
import io.claimstream.connect.source.decode.EntryShape.Source;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
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
  private static final Pattern VERSION = Pattern.compile("[0-9]{1,9}");
  private static final ObjectNode NO_MEMBERS = JsonNodeFactory.instance.objectNode();

  private final EventSchemas schemas;
  private final EventFields fields;
  private final EntryShapes shapes;
  private final EventLayout oldest;
  private final Map<String, EventLayout> layouts = new HashMap<>();
  private final UnknownFields unknownFields;

  /** Creates a decoder for the given schemas. */
  public EventDecoder(
      EventSchemas schemas,
      EventFields fields,
      VersionPolicy versions,
      UnknownFields unknownFields) {
    this.schemas = schemas;
    this.fields = fields;
    this.shapes = new EntryShapes(fields);
    for (EventSchema schema : schemas.all()) {
      layouts.put(String.valueOf(schema.version()), EventLayout.of(schemas, schema, versions));
    }
    this.oldest = Objects.requireNonNull(layouts.get("1"));
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
    EntryShape shape = shapes.of(stream, entry);
    Reading reading = new Reading(stream, entry, shape);
    String key = reading.text(shape.key());
    if (key == null || key.isEmpty()) {
      throw reading.bad(fields.key(), "is missing; it provides the record's key (event.key.field)");
    }
    String type = reading.text(shape.type());
    EventLayout layout = layout(reading, shape);
    Struct event = reading.event(layout);
    if (layout.upgradesAfterwards()) {
      event = schemas.upgrade(layout.written(), event);
    }
    // after the upgrade, because it may have renamed the field
    Long timestamp = timestamp(reading, shape, event);
    return new DecodedEvent(
        event, key, timestamp, type == null ? "" : type, shape.headers(stream, entry));
  }

  private EventLayout layout(Reading reading, EntryShape shape) throws BadEntryException {
    String text = reading.text(shape.version());
    if (text == null) {
      return oldest;
    }
    EventLayout layout = layouts.get(text);
    if (layout != null) {
      return layout;
    }
    if (!VERSION.matcher(text).matches()) {
      throw reading.bad(fields.version(), "is not a version: expected a number such as 1");
    }
    int version = Integer.parseInt(text);
    EventLayout padded = layouts.get(String.valueOf(version));
    if (padded == null) {
      throw reading.bad(
          fields.version(),
          "names version "
              + version
              + ", which is not in event.schemas; the latest there is "
              + schemas.latest().version());
    }
    return padded;
  }

  private @Nullable Long timestamp(Reading reading, EntryShape shape, Struct event)
      throws BadEntryException {
    Field field = event.schema().field(fields.timestamp());
    Object typed = field == null ? null : event.get(field);
    Object value = typed == null ? reading.text(shape.timestamp()) : typed;
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

  private static byte[] text(Object value) {
    String text =
        value instanceof Double || value instanceof Float
            ? new BigDecimal(value.toString()).toPlainString()
            : value.toString();
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Decoding of one entry. A member of the payload hides the entry's field of its name. */
  private final class Reading {
    private final String stream;
    private final StreamEntry entry;
    private final EntryShape shape;
    private final ObjectNode members;

    /** Fields decoded so far: the key and the type are mostly also values of the event. */
    private final @Nullable String[] texts;

    Reading(String stream, StreamEntry entry, EntryShape shape) throws BadEntryException {
      this.stream = stream;
      this.entry = entry;
      this.shape = shape;
      this.texts = new @Nullable String[entry.size()];
      this.members = fields.payload().isEmpty() ? NO_MEMBERS : members(shape.payload());
    }

    private ObjectNode members(Source payload) throws BadEntryException {
      if (payload.isAbsent()) {
        throw new BadEntryException(
            stream, entry.id(), payload.name(), "is missing; event.payload.field names it");
      }
      try {
        return JsonText.object(entry.value(payload.position()));
      } catch (FieldException e) {
        throw new BadEntryException(
            stream, entry.id(), payload.name(), String.valueOf(e.getMessage()));
      }
    }

    BadEntryException bad(String field, String reason) {
      String name = members.has(field) ? fields.payload() + '.' + field : field;
      return new BadEntryException(stream, entry.id(), name, reason);
    }

    @Nullable String text(Source source) throws BadEntryException {
      JsonNode member = members.get(source.name());
      try {
        if (member != null) {
          return JsonText.text(member);
        }
        return source.isAbsent() ? null : text(source.position());
      } catch (FieldException e) {
        throw bad(source.name(), String.valueOf(e.getMessage()));
      }
    }

    private String text(int position) throws FieldException {
      String text = texts[position];
      if (text == null) {
        text = EntryText.utf8(entry.value(position));
        texts[position] = text;
      }
      return text;
    }

    Struct event(EventLayout layout) throws BadEntryException {
      EventPlan plan = shape.plan(layout, fields);
      Struct event = layout.newEvent();
      if (layout.streamId() != null) {
        event.put(layout.streamId(), entry.id().toString());
      }
      for (EventPlan.Step step : plan.steps()) {
        EventLayout.Place place = step.place();
        Object value = value(place, step.source());
        if (value == null) {
          value = absent(place.field());
        }
        // a new event has null in every field
        if (place.target() != null && value != null) {
          event.put(place.target(), value);
        }
      }
      Map<String, String> unknown = unknown(layout, plan.unknown());
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

    private @Nullable Object value(EventLayout.Place place, Source source)
        throws BadEntryException {
      JsonNode member = members.get(source.name());
      try {
        if (member != null) {
          return place.parser().parse(member);
        }
        if (source.isAbsent()) {
          return null;
        }
        return place.isText()
            ? text(source.position())
            : place.parser().parse(entry.value(source.position()));
      } catch (FieldException e) {
        throw bad(source.name(), String.valueOf(e.getMessage()));
      }
    }

    private Map<String, String> unknown(EventLayout layout, List<Source> ofEntry)
        throws BadEntryException {
      if (unknownFields == UnknownFields.IGNORE || (ofEntry.isEmpty() && members.isEmpty())) {
        return Map.of();
      }
      Map<String, String> unknown = new LinkedHashMap<>(2 * ofEntry.size());
      for (Source source : ofEntry) {
        add(source, layout, unknown);
      }
      for (Map.Entry<String, JsonNode> member : members.properties()) {
        String name = member.getKey();
        if (!name.equals(fields.version()) && !layout.reads(name)) {
          add(shape.source(name), layout, unknown);
        }
      }
      return unknown;
    }

    private void add(Source source, EventLayout layout, Map<String, String> unknown)
        throws BadEntryException {
      if (unknownFields == UnknownFields.FAIL) {
        boolean isFilled = layout.written().connect().field(source.name()) != null;
        throw bad(
            source.name(),
            isFilled
                ? "is set by the connector; an entry must not contain it (unknown.fields=fail)"
                : "is not in the event's schema (unknown.fields=fail)");
      }
      unknown.put(source.name(), text(source));
    }
  }
}
