/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/**
 * Makes the flat fields of a stream entry of a record's value.
 *
 * <p>A Struct or Map gives one field per member, everything else the single field {@code value}.
 * Decimals are plain text, times ISO-8601, containers inside are JSON, members without a value are
 * left out, and members with a default have it. {@code schema_version} tells the version of a
 * Struct's or Map's schema, unless a member of that name does. The key is not written, and headers
 * only if they have a prefix.
 */
public final class RecordEncoder {
  /** The single field of a value that is neither Struct nor Map. */
  public static final String VALUE_FIELD = "value";

  /** The field that carries the version of the value's schema. */
  public static final String VERSION_FIELD = "schema_version";

  private final NullValues nullValues;
  private final BytesFormat bytesFormat;
  private final String headersPrefix;

  /**
   * An encoder without state: the same record always gives the same fields.
   *
   * @param headersPrefix what the names of the fields of headers begin with; empty leaves headers
   *     out
   */
  public RecordEncoder(NullValues nullValues, BytesFormat bytesFormat, String headersPrefix) {
    this.nullValues = nullValues;
    this.bytesFormat = bytesFormat;
    this.headersPrefix = headersPrefix;
  }

  /**
   * The record's fields as name, value, name, value, …; at least one pair.
   *
   * @return empty if the record is a tombstone to be passed over
   * @throws DataException if the record cannot become an entry, whatever the reason; names the
   *     field where it is known, never its value
   */
  public Optional<List<byte[]>> encode(SinkRecord record) {
    try {
      return fields(record);
    } catch (DataException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new DataException(EntryFields.reason(e), EntryFields.withoutValue(e));
    }
  }

  private Optional<List<byte[]>> fields(SinkRecord record) {
    Object value = record.value();
    if (value == null) {
      return withoutValue(record);
    }
    EntryFields fields = new EntryFields(bytesFormat);
    Schema schema = record.valueSchema();
    boolean versioned = true;
    if (value instanceof Struct struct) {
      schema = struct.schema();
      for (Field field : schema.fields()) {
        fields.add(field.name(), field.schema(), struct.get(field));
      }
      versioned = schema.field(VERSION_FIELD) != null;
    } else if (value instanceof Map<?, ?> map) {
      versioned = addMap(fields, schema, map);
    } else {
      fields.add(VALUE_FIELD, schema, value);
    }
    List<byte[]> flat = fields.flat();
    if (flat.isEmpty()) {
      throw new DataException("has no field with a value: a stream entry needs at least one");
    }
    if (!versioned && schema != null) {
      fields.add(VERSION_FIELD, null, schema.version());
    }
    addHeaders(fields, record);
    return Optional.of(flat);
  }

  private Optional<List<byte[]>> withoutValue(SinkRecord record) {
    return switch (nullValues) {
      case IGNORE -> Optional.empty();
      case FAIL -> throw new DataException("has no value (behavior.on.null.values=fail)");
      case HEADERS -> {
        EntryFields fields = new EntryFields(bytesFormat);
        addHeaders(fields, record);
        if (fields.flat().isEmpty()) {
          throw new DataException(
              "has neither a value nor headers (behavior.on.null.values=headers)");
        }
        yield Optional.of(fields.flat());
      }
    };
  }

  private void addHeaders(EntryFields fields, SinkRecord record) {
    if (!headersPrefix.isEmpty()) {
      for (Header header : record.headers()) {
        fields.add(headersPrefix + header.key(), header.schema(), header.value());
      }
    }
  }

  /** Returns whether the map itself tells a version. */
  private static boolean addMap(EntryFields fields, @Nullable Schema schema, Map<?, ?> map) {
    // a sorted map cannot be asked for a key of another type than its own
    boolean versioned = false;
    Schema members =
        schema != null && schema.type() == Schema.Type.MAP ? schema.valueSchema() : null;
    for (Map.Entry<?, ?> member : map.entrySet()) {
      String name = MapKeys.text(schema, member.getKey());
      fields.add(name, members, member.getValue());
      versioned |= name.equals(VERSION_FIELD);
    }
    return versioned;
  }
}
