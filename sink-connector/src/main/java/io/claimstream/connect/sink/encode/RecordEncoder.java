/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/**
 * Encodes a record's value as the flat fields of a stream entry.
 *
 * <p>A Struct or Map becomes one field per member, any other value the single field {@code value}.
 * Decimals are plain text, times ISO-8601, nested containers JSON. Members without a value are left
 * out, and members with a default have it. {@code schema_version} contains the version of a
 * Struct's or Map's schema, unless a member has that name. {@link EntryFormat} says whether the
 * value is a single field instead, and whether the key and headers are written.
 */
public final class RecordEncoder {
  /** Name of the single field of a value that is neither Struct nor Map. */
  public static final String VALUE_FIELD = "value";

  /** Name of the field that contains the version of the value's schema. */
  public static final String VERSION_FIELD = "schema_version";

  private final EntryFormat format;

  private final WordBuffer words = new WordBuffer();

  /** Creates an encoder, for one thread. The same record always gives the same fields. */
  public RecordEncoder(EntryFormat format) {
    this.format = format;
  }

  /**
   * Returns the record's fields as name, value, name, value, …; at least one pair.
   *
   * @return empty if the record is a tombstone to skip
   * @throws DataException if the record cannot become an entry, for any reason; names the field if
   *     it is known, never its value
   */
  public Optional<PackedWords> encode(SinkRecord record) {
    words.clear();
    return checked(() -> fields(record));
  }

  /** Returns the first words of a command and the record's fields, like {@link #encode}. */
  public Optional<PackedWords> encode(List<String> first, SinkRecord record) {
    words.clear();
    first.forEach(words::add);
    return checked(() -> fields(record));
  }

  /**
   * Encodes something, and makes every failure a bad record.
   *
   * @throws DataException without any value of the record
   */
  public static <T> T checked(Supplier<T> encoding) {
    try {
      return encoding.get();
    } catch (DataException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new DataException(EntryFields.reason(e), EntryFields.withoutValue(e));
    }
  }

  private Optional<PackedWords> fields(SinkRecord record) {
    Object value = record.value();
    if (value == null) {
      return withoutValue(record);
    }
    EntryFields fields = new EntryFields(words, format.bytesFormat());
    addKey(fields, record);
    int before = fields.size();
    Schema schema = value instanceof Struct struct ? struct.schema() : record.valueSchema();
    boolean versioned = true;
    if (!format.valueField().isEmpty()) {
      fields.add(format.valueField(), schema, value);
      versioned = !(value instanceof Struct || value instanceof Map<?, ?>);
    } else if (value instanceof Struct struct) {
      for (Field field : struct.schema().fields()) {
        fields.add(field.name(), field.schema(), struct.get(field));
      }
      versioned = struct.schema().field(VERSION_FIELD) != null;
    } else if (value instanceof Map<?, ?> map) {
      versioned = addMap(fields, schema, map);
    } else {
      fields.add(VALUE_FIELD, schema, value);
    }
    if (fields.size() == before) {
      throw new DataException("has no field with a value; an entry or a hash needs at least one");
    }
    if (!versioned && schema != null) {
      fields.add(VERSION_FIELD, null, schema.version());
    }
    addHeaders(fields, record);
    return Optional.of(packed());
  }

  private PackedWords packed() {
    PackedWords packed = words.pack();
    if (format.mayCollide()) {
      EntryFields.checkDistinct(packed.toList());
    }
    return packed;
  }

  private void addKey(EntryFields fields, SinkRecord record) {
    if (!format.keyField().isEmpty()) {
      fields.add(format.keyField(), record.keySchema(), record.key());
    }
  }

  private Optional<PackedWords> withoutValue(SinkRecord record) {
    return switch (format.nullValues()) {
      case IGNORE -> Optional.empty();
      case FAIL -> throw new DataException("has no value (behavior.on.null.values=fail)");
      case HEADERS -> {
        EntryFields fields = new EntryFields(words, format.bytesFormat());
        addHeaders(fields, record);
        if (fields.size() == 0) {
          throw new DataException(
              "has neither a value nor headers (behavior.on.null.values=headers)");
        }
        addKey(fields, record);
        yield Optional.of(packed());
      }
    };
  }

  private void addHeaders(EntryFields fields, SinkRecord record) {
    for (Header header : record.headers()) {
      if (format.writes(header.key())) {
        fields.add(format.headersPrefix() + header.key(), header.schema(), header.value());
      }
    }
  }

  /** Adds a map's members; returns whether the map itself has a version. */
  private static boolean addMap(EntryFields fields, @Nullable Schema schema, Map<?, ?> map) {
    // a sorted map must not be queried for a key of another type than its own
    boolean versioned = false;
    Schema members =
        schema != null && schema.type() == Schema.Type.MAP ? schema.valueSchema() : null;
    for (Map.Entry<?, ?> member : map.entrySet()) {
      String name = ScalarText.ofKey(schema, member.getKey());
      fields.add(name, members, member.getValue());
      versioned |= name.equals(VERSION_FIELD);
    }
    return versioned;
  }
}
