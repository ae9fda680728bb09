/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Event decoded from an entry.
 *
 * @param value the event
 * @param key the event's key; null if it has none
 * @param timestampMillis the event time, in milliseconds since the epoch; null if it has none
 * @param type the event's type; empty if it has none
 * @param headers the record's headers; null if no field becomes a header
 */
public record DecodedEvent(
    Struct value,
    @Nullable String key,
    @Nullable Long timestampMillis,
    String type,
    @Nullable Headers headers) {

  /** The event's schema. */
  public Schema valueSchema() {
    return value.schema();
  }
}
