/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.apicurio.registry.serde.avro.AvroSerde;
import java.time.Duration;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.serialization.Serde;

/** Avro values in Confluent's wire format, the format of the connectors' converters. */
final class RegistryAvro {

  private static final long CHECK_PERIOD_MILLIS = Duration.ofDays(1).toMillis();

  private RegistryAvro() {}

  /**
   * Returns a serde of generic records; each thread needs its own.
   *
   * @param registryUrl the registry's own API, as configured for the converters
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
            // a cached schema needs no registry: it may be down for long
            "apicurio.registry.check-period-ms",
            CHECK_PERIOD_MILLIS),
        false);
    return serde;
  }
}
