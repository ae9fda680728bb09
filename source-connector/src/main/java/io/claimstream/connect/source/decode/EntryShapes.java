/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.redis.stream.StreamEntry;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The shapes of the entries decoded lately. Used by one thread. */
final class EntryShapes {
  // names come from producers: what is kept of them must be bounded
  private static final int MOST_SHAPES = 256;
  private static final int MOST_BYTES = 4_096;

  private final EventFields fields;
  private final Map<FieldNames, EntryShape> known = new HashMap<>();
  private @Nullable EntryShape last;

  EntryShapes(EventFields fields) {
    this.fields = fields;
  }

  /**
   * Returns the shape of an entry.
   *
   * @throws BadEntryException if a field's name is not UTF-8 or occurs twice
   */
  EntryShape of(String stream, StreamEntry entry) throws BadEntryException {
    EntryShape shape = last;
    if (shape == null || !shape.isOf(entry)) {
      shape = look(stream, entry);
      last = shape;
    }
    return shape;
  }

  private EntryShape look(String stream, StreamEntry entry) throws BadEntryException {
    FieldNames names = FieldNames.of(entry);
    EntryShape shape = known.get(names);
    if (shape == null) {
      shape = new EntryShape(stream, entry, names, fields);
      if (names.bytes() <= MOST_BYTES) {
        if (known.size() == MOST_SHAPES) {
          known.clear();
        }
        known.put(names, shape);
      }
    }
    return shape;
  }
}
