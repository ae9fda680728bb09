/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.connect.data.Struct;

/** The upgrade of an event as Avro itself does it, to compare with. */
final class AvroResolution {
  private AvroResolution() {}

  static Struct upgrade(EventSchema from, EventSchema to, Struct event) throws IOException {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(written, null);
    new GenericDatumWriter<GenericRecord>(from.avro())
        .write(ConnectValues.record(from.avro(), event), encoder);
    encoder.flush();
    GenericRecord read =
        new GenericDatumReader<GenericRecord>(from.avro(), to.avro())
            .read(null, DecoderFactory.get().binaryDecoder(written.toByteArray(), null));
    return ConnectValues.struct(to.avro(), to.connect(), read);
  }
}
