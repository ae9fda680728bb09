/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import com.fasterxml.jackson.databind.JsonNode;
import io.claimstream.connect.schema.AvroParameters;
import java.util.List;
import org.apache.kafka.connect.data.Schema;

/** Parser of text, UUIDs and the symbols of an enum. */
final class StringParser implements FieldParser {
  private static final String UUID_FORM = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

  private final boolean isUuid;
  private final List<String> symbols;

  StringParser(Schema schema) {
    this.isUuid = AvroParameters.isUuid(schema);
    this.symbols = AvroParameters.symbols(schema);
  }

  @Override
  public Object parse(byte[] value) throws FieldException {
    return checked(EntryText.utf8(value));
  }

  @Override
  public Object parse(JsonNode node) throws FieldException {
    FieldParser.requireScalar(node);
    if (!node.isTextual()) {
      throw new FieldException("is not a JSON string");
    }
    return checked(JsonText.text(node));
  }

  private String checked(String text) throws FieldException {
    if (isUuid && !isUuid(text)) {
      throw new FieldException("is not a UUID");
    }
    if (!symbols.isEmpty() && !symbols.contains(text)) {
      throw new FieldException("is not one of " + symbols);
    }
    return text;
  }

  private static boolean isUuid(String text) {
    boolean isUuid = text.length() == UUID_FORM.length();
    for (int i = 0; isUuid && i < text.length(); i++) {
      char c = text.charAt(i);
      isUuid = UUID_FORM.charAt(i) == '-' ? c == '-' : c < 0x80 && Character.digit(c, 16) >= 0;
    }
    return isUuid;
  }
}
