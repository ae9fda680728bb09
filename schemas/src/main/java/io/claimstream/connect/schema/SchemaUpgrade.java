/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Converts events from one version to another by Avro's rules. Versions that differ only in added
 * fields, the usual case, are converted by copying the values; others are written and read by Avro.
 */
final class SchemaUpgrade {
  private final EventSchema from;
  private final EventSchema to;
  private final Optional<List<Step>> steps;

  /** A field of the newer version, and the older version's field with its value; null if none. */
  private record Step(Field to, @Nullable Field from) {}

  private SchemaUpgrade(EventSchema from, EventSchema to, Optional<List<Step>> steps) {
    this.from = from;
    this.to = to;
    this.steps = steps;
  }

  static SchemaUpgrade between(EventSchema from, EventSchema to) {
    return new SchemaUpgrade(from, to, steps(from, to));
  }

  private static Optional<List<Step>> steps(EventSchema from, EventSchema to) {
    List<Step> steps = new ArrayList<>();
    for (Field field : to.connect().fields()) {
      Field former = from.connect().field(field.name());
      boolean renamed = !to.avro().getField(field.name()).aliases().isEmpty();
      if (renamed || (former != null && !sameValues(former.schema(), field.schema()))) {
        return Optional.empty();
      }
      steps.add(new Step(field, former));
    }
    return Optional.of(List.copyOf(steps));
  }

  private static boolean sameValues(Schema former, Schema schema) {
    return schema.type().isPrimitive()
        ? former.type() == schema.type()
            && Objects.equals(former.name(), schema.name())
            && Objects.equals(former.parameters(), schema.parameters())
        : former.equals(schema);
  }

  /** Returns whether values are copied unchanged. */
  boolean isDirect() {
    return steps.isPresent();
  }

  Struct apply(Struct event) {
    if (from.version() == to.version()) {
      return event;
    }
    return steps.isPresent() ? handOver(event, steps.get()) : resolve(event);
  }

  private Struct handOver(Struct event, List<Step> plan) {
    Struct upgraded = new Struct(to.connect());
    for (Step step : plan) {
      Field former = step.from();
      upgraded.put(
          step.to(), former == null ? step.to().schema().defaultValue() : event.get(former));
    }
    return upgraded;
  }

  private Struct resolve(Struct event) {
    try {
      ByteArrayOutputStream written = new ByteArrayOutputStream(256);
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(written, null);
      new GenericDatumWriter<GenericRecord>(from.avro())
          .write(ConnectValues.record(from.avro(), event), encoder);
      encoder.flush();
      GenericRecord read =
          new GenericDatumReader<GenericRecord>(from.avro(), to.avro())
              .read(null, DecoderFactory.get().binaryDecoder(written.toByteArray(), null));
      return ConnectValues.struct(to.avro(), to.connect(), read);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // does not happen in memory
    }
  }
}
