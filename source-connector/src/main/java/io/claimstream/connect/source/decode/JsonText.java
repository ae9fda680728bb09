/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Parser of JSON as producers write it: strict, and without rounding numbers. */
final class JsonText {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES) // 1.0 is not an integer
          .build();

  private JsonText() {}

  static JsonNode tree(byte[] text) throws FieldException {
    try {
      return JSON.readTree(EntryText.utf8(text)); // from bytes it would also accept UTF-16
    } catch (StreamConstraintsException e) {
      throw new FieldException(
          "is JSON that is nested too deeply or contains a number that is too long");
    } catch (JsonProcessingException | NumberFormatException | ArithmeticException e) {
      // the parser throws these for an exponent of ten digits, which JSON allows
      throw new FieldException("is not valid JSON"); // the parser's own message quotes the value
    }
  }

  /** Parses a JSON object, without its members that are null. */
  static ObjectNode object(byte[] text) throws FieldException {
    if (tree(text) instanceof ObjectNode object) {
      object.properties().removeIf(member -> member.getValue().isNull());
      return object;
    }
    throw new FieldException("is not a JSON object");
  }

  /** Returns a value within JSON as text; objects and arrays as JSON. */
  static String text(JsonNode node) throws FieldException {
    return node.isContainerNode() ? node.toString() : wellFormed(node.asText());
  }

  /**
   * Rejects unpaired surrogates, which JSON can escape and UTF-8 encoding would replace with a
   * question mark. In names, the JSON parser rejects them.
   */
  private static String wellFormed(String text) throws FieldException {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isSupplementaryCodePoint(text.codePointAt(i))) {
          throw new FieldException("contains an unpaired surrogate, which is half a character");
        }
        i++;
      }
    }
    return text;
  }
}
