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
 * Where the fields of entries of one version go. Where the upgrade to the latest version hands
 * values over as they are, they go there at once, without an event of the older version in between.
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
   * A field that is read from the entry's field of the same name.
   *
   * @param field as the version says
   * @param target where its value goes; null if the emitted version has dropped it
   * @param isText whether any text will do
   */
  record Place(Field field, @Nullable Field target, boolean isText) {}

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
        read.add(new Place(field, target.field(field.name()), isText));
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

  /** How entries of that version are read into events of the version that is emitted. */
  static EventLayout of(EventSchemas schemas, EventSchema written, VersionPolicy versions) {
    if (versions == VersionPolicy.AS_WRITTEN) {
      return new EventLayout(written, written.connect(), false);
    }
    return schemas.handsOver(written)
        ? new EventLayout(written, schemas.latest().connect(), false)
        : new EventLayout(written, written.connect(), true);
  }

  /** The version that entries name. */
  EventSchema written() {
    return written;
  }

  /** Whether the event still has to be upgraded once it is read. */
  boolean upgradesAfterwards() {
    return upgradesAfterwards;
  }

  /** The fields to read, in the order of the schema. */
  List<Place> places() {
    return places;
  }

  /** Whether an entry's field of that name is one of {@link #places}. */
  boolean reads(String name) {
    return names.contains(name);
  }

  /** Where the entry's id goes; null if nowhere. */
  @Nullable Field streamId() {
    return streamId;
  }

  /** Where fields go that the schema does not name; null if nowhere. */
  @Nullable Field attributes() {
    return attributes;
  }

  /** An event with the defaults of the fields that its version did not have. */
  Struct newEvent() {
    Struct event = new Struct(target);
    for (Field field : added) {
      event.put(field, field.schema().defaultValue());
    }
    return event;
  }
}
