/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Part of a record that Kafka stores.
 *
 * @param key null for a record without a key
 * @param timestampMillis milliseconds since 1970
 * @param headers null for none
 */
public record RecordContent(
    String topic,
    @Nullable String key,
    Schema schema,
    Object value,
    long timestampMillis,
    @Nullable Headers headers) {}
