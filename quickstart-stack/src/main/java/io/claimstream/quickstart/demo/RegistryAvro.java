/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.apicurio.registry.serde.avro.AvroSerde;
import java.time.Duration;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.serialization.Serde;

/** Avro values in Confluent's wire format, as the converters of the connectors write them. */
final class RegistryAvro {

  private static final long CHECK_PERIOD_MILLIS = Duration.ofDays(1).toMillis();

  private RegistryAvro() {}

  /**
   * A serde of generic records; each thread needs its own.
   *
   * @param registryUrl the registry's own API, as the converters are given it
   */
  static Serde<GenericRecord> serde(String registryUrl) {
    AvroSerde<GenericRecord> serde = new AvroSerde<>();
    serde.configure(
        Map.of(
            "apicurio.registry.url",
            registryUrl,
            "apicurio.registry.auto-register",
            true,
            "apicurio.registry.headers.enabled",
            false,
            "apicurio.registry.as-confluent",
            true,
            "apicurio.registry.use-id",
            "contentId",
            // a schema that is known needs no registry any more: it may be away for long
            "apicurio.registry.check-period-ms",
            CHECK_PERIOD_MILLIS),
        false);
    return serde;
  }
}
