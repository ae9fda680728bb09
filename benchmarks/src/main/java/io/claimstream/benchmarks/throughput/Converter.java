/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import java.util.HashMap;
import java.util.Map;

/** Converters of the worker, as configured for a connector. */
enum Converter {
  /** JSON without a schema in every record. */
  JSON {
    @Override
    Map<String, String> settings(String registry) {
      return Map.of(
          "value.converter",
          "org.apache.kafka.connect.json.JsonConverter",
          "value.converter.schemas.enable",
          "false");
    }
  },
  /** Avro in Confluent's wire format, with Apicurio's converter as in the examples. */
  AVRO {
    @Override
    Map<String, String> settings(String registry) {
      Map<String, String> settings = AVRO_ALONE.settings(registry);
      settings.put("value.converter.delegate", String.valueOf(settings.get("value.converter")));
      settings.put("value.converter", "io.claimstream.connect.converter.RegistryConverter");
      settings.put(
          "value.converter.apicurio.registry.schema-resolver",
          "io.claimstream.connect.converter.apicurio.CachingSchemaResolver");
      return settings;
    }
  },
  /** Avro with Apicurio's converter alone. */
  AVRO_ALONE {
    @Override
    Map<String, String> settings(String registry) {
      Map<String, String> settings = new HashMap<>();
      String prefix = "value.converter.apicurio.registry.";
      settings.put("value.converter", "io.apicurio.registry.utils.converter.AvroConverter");
      settings.put(prefix + "url", registry);
      settings.put(prefix + "auto-register", "true");
      settings.put(prefix + "headers.enabled", "false");
      settings.put(prefix + "as-confluent", "true");
      settings.put(prefix + "use-id", "contentId");
      return settings;
    }
  };

  abstract Map<String, String> settings(String registry);
}
