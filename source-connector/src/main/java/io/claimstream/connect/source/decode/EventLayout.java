/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.schema.AvroParameters;
import io.claimstream.connect.schema.EventSchema;
import io.claimstream.connect.schema.EventSchemas;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Mapping of the entry fields of one schema version to the emitted event. If the upgrade to the
 * latest version keeps values unchanged, they are put directly into an event of the latest version,
 * without an intermediate event of the older one.
 */
final class EventLayout {
  private final EventSchema written;
  private final Schema target;
  private final List<Place> places;
  private final Set<String> names;
  private final List<Field> added;
  private final @Nullable Field streamId;
  private final @Nullable Field attributes;
  private final boolean upgradesAfterwards;

  /**
   * Schema field that is read from the entry's field of the same name.
   *
   * @param field the field in the entry's schema version
   * @param target the field in the emitted version; null if that version has dropped it
   * @param parser parser of the field's values
   * @param isText whether any text is valid
   */
  record Place(Field field, @Nullable Field target, FieldParser parser, boolean isText) {}

  private EventLayout(EventSchema written, Schema target, boolean upgradesAfterwards) {
    this.written = written;
    this.target = target;
    this.upgradesAfterwards = upgradesAfterwards;
    Schema schema = written.connect();
    boolean takesStreamId = EventDecoder.takesStreamId(schema);
    boolean takesAttributes = EventDecoder.takesAttributes(schema);
    this.streamId = takesStreamId ? target.field(EventDecoder.STREAM_ID) : null;
    this.attributes = takesAttributes ? target.field(EventDecoder.ATTRIBUTES) : null;
    List<Place> read = new ArrayList<>();
    for (Field field : schema.fields()) {
      boolean isOurs =
          (takesStreamId && field.name().equals(EventDecoder.STREAM_ID))
              || (takesAttributes && field.name().equals(EventDecoder.ATTRIBUTES));
      if (!isOurs) {
        boolean isText = AvroParameters.isPlainString(field.schema());
        read.add(
            new Place(field, target.field(field.name()), FieldParser.of(field.schema()), isText));
      }
    }
    this.places = List.copyOf(read);
    this.names = read.stream().map(place -> place.field().name()).collect(Collectors.toSet());
    this.added =
        target.fields().stream()
            .filter(field -> schema.field(field.name()) == null)
            .filter(field -> field.schema().defaultValue() != null)
            .toList();
  }

  /** Returns the mapping for entries of a schema version. */
  static EventLayout of(EventSchemas schemas, EventSchema written, VersionPolicy versions) {
    if (versions == VersionPolicy.AS_WRITTEN) {
      return new EventLayout(written, written.connect(), false);
    }
    return schemas.handsOver(written)
        ? new EventLayout(written, schemas.latest().connect(), false)
        : new EventLayout(written, written.connect(), true);
  }

  /** The schema version of the entries. */
  EventSchema written() {
    return written;
  }

  /** Whether the event must be upgraded after it is read. */
  boolean upgradesAfterwards() {
    return upgradesAfterwards;
  }

  /** The fields to read, in schema order. */
  List<Place> places() {
    return places;
  }

  /** Whether one of {@link #places} has the given name. */
  boolean reads(String name) {
    return names.contains(name);
  }

  /** The field for the entry's id; null if there is none. */
  @Nullable Field streamId() {
    return streamId;
  }

  /** The field for unknown fields; null if there is none. */
  @Nullable Field attributes() {
    return attributes;
  }

  /** Returns an event with the defaults of the fields that the entries' version lacks. */
  Struct newEvent() {
    Struct event = new Struct(target);
    for (Field field : added) {
      event.put(field, field.schema().defaultValue());
    }
    return event;
  }
}
