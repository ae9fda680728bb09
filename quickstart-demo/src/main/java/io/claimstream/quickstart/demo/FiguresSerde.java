/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** Serializes {@link Figures} for the internal topics of the analytics: two longs and the sum. */
final class FiguresSerde {

  private FiguresSerde() {}

  static Serde<Figures> create() {
    Serializer<Figures> serializer = (topic, figures) -> write(figures);
    Deserializer<Figures> deserializer = (topic, bytes) -> read(bytes);
    return Serdes.serdeFrom(serializer, deserializer);
  }

  @SuppressWarnings("NullAway") // Kafka's types do not declare the nulls they allow
  private static byte[] write(@Nullable Figures figures) {
    if (figures == null) {
      return null;
    }
    byte[] total = figures.amountTotal().unscaledValue().toByteArray();
    return ByteBuffer.allocate(2 * Long.BYTES + total.length)
        .putLong(figures.count())
        .putLong(figures.failures())
        .put(total)
        .array();
  }

  @SuppressWarnings("NullAway") // as above
  private static Figures read(byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    long count = buffer.getLong();
    long failures = buffer.getLong();
    byte[] total = new byte[buffer.remaining()];
    buffer.get(total);
    return new Figures(count, new BigDecimal(new BigInteger(total), Figures.SCALE), failures);
  }
}
