/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.redis.stream.StreamEntry;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * What follows from the names of an entry's fields and their order. Nearly all entries of a
 * producer share it, so that it is derived once instead of for each entry.
 */
final class EntryShape {
  private final FieldNames names;
  private final Map<String, Integer> positions;
  private final boolean hasHeaders;
  private final List<Source> headers;
  private final Source payload;
  private final List<Source> all;
  private final Source key;
  private final Source type;
  private final Source version;
  private final Source timestamp;
  private final Map<EventLayout, EventPlan> plans = new HashMap<>();

  /**
   * A field of the entries.
   *
   * @param position position from 0; {@link #ABSENT} if the entries lack the field
   */
  record Source(String name, int position) {
    static final int ABSENT = -1;

    boolean isAbsent() {
      return position == ABSENT;
    }
  }

  /**
   * Derives the shape of an entry.
   *
   * @throws BadEntryException if a field's name is not UTF-8 or occurs twice
   */
  EntryShape(String stream, StreamEntry entry, FieldNames names, EventFields fields)
      throws BadEntryException {
    this.names = names;
    this.positions = names.positions(stream, entry);
    this.hasHeaders = !fields.headers().isEmpty();
    this.headers = present(fields.headers());
    this.payload = source(fields.payload());
    if (!fields.payload().isEmpty()) {
      positions.remove(fields.payload()); // the event has its members instead
    }
    this.all = present(positions.keySet());
    this.key = source(fields.key());
    this.type = source(fields.type());
    this.version = source(fields.version());
    this.timestamp = source(fields.timestamp());
  }

  private List<Source> present(Collection<String> wanted) {
    return positions.keySet().stream().filter(wanted::contains).map(this::source).toList();
  }

  /** Whether an entry has this shape. */
  boolean isOf(StreamEntry entry) {
    return names.areOf(entry);
  }

  /** The field of a name; the field with the payload counts as absent. */
  Source source(String name) {
    return new Source(name, positions.getOrDefault(name, Source.ABSENT));
  }

  /** All fields in the entries' order, without the one with the payload. */
  List<Source> all() {
    return all;
  }

  /**
   * Returns the headers of an entry's record; null if no field becomes a header.
   *
   * @throws BadEntryException if one of the fields is not UTF-8
   */
  @Nullable Headers headers(String stream, StreamEntry entry) throws BadEntryException {
    if (!hasHeaders) {
      return null;
    }
    Headers made = new ConnectHeaders();
    for (Source source : headers) {
      try {
        made.addString(source.name(), EntryText.utf8(entry.value(source.position())));
      } catch (FieldException e) {
        throw new BadEntryException(
            stream, entry.id(), source.name(), e.getMessage() + " (event.header.fields)");
      }
    }
    return made;
  }

  /** The field that holds the event as JSON. */
  Source payload() {
    return payload;
  }

  Source key() {
    return key;
  }

  Source type() {
    return type;
  }

  Source version() {
    return version;
  }

  Source timestamp() {
    return timestamp;
  }

  /** Returns how the entries' fields fill an event. */
  EventPlan plan(EventLayout layout, EventFields fields) {
    return plans.computeIfAbsent(layout, l -> new EventPlan(this, l, fields));
  }
}
