/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.converter;

import java.util.Map;

/** The converters that the wrapper is for, with the settings of the examples. */
enum PublishedConverter {
  APICURIO("io.apicurio.registry.utils.converter.AvroConverter") {
    @Override
    Map<String, String> settings(FakeRegistry registry) {
      return registry.apicurio();
    }
  },
  CONFLUENT("org.apache.pulsar.kafka.shade.io.confluent.connect.avro.AvroConverter") {
    @Override
    Map<String, String> settings(FakeRegistry registry) {
      return registry.confluent();
    }
  };

  final String type;

  PublishedConverter(String type) {
    this.type = type;
  }

  abstract Map<String, String> settings(FakeRegistry registry);
}
