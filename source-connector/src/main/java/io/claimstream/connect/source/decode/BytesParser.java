/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import com.fasterxml.jackson.databind.JsonNode;
import io.claimstream.connect.schema.AvroParameters;
import java.io.IOException;
import java.util.OptionalInt;
import org.apache.kafka.connect.data.Schema;

/** Parser of bytes, possibly of a fixed number. */
final class BytesParser implements FieldParser {
  private final OptionalInt size;

  BytesParser(Schema schema) {
    this.size = AvroParameters.fixedSize(schema);
  }

  @Override
  public Object parse(byte[] value) throws FieldException {
    if (size.isPresent() && size.getAsInt() != value.length) {
      throw new FieldException("has " + value.length + " bytes instead of " + size.getAsInt());
    }
    return value;
  }

  @Override
  public Object parse(JsonNode node) throws FieldException {
    FieldParser.requireScalar(node);
    try {
      byte[] bytes = node.isTextual() ? node.binaryValue() : null;
      if (bytes != null) {
        return parse(bytes);
      }
    } catch (IOException e) {
      // reported below
    }
    throw new FieldException("is not base64, which is the encoding of bytes in JSON");
  }
}
