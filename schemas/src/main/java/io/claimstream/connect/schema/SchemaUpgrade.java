/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.connect.data.Struct;

/** Reads events written under one version as another, by Avro itself. */
final class SchemaUpgrade {
  private final EventSchema from;
  private final EventSchema to;

  private SchemaUpgrade(EventSchema from, EventSchema to) {
    this.from = from;
    this.to = to;
  }

  static SchemaUpgrade between(EventSchema from, EventSchema to) {
    return new SchemaUpgrade(from, to);
  }

  Struct apply(Struct event) {
    if (from.version() == to.version()) {
      return event;
    }
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
      throw new UncheckedIOException(e); // memory does not fail
    }
  }
}
