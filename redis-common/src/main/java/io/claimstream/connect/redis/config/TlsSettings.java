/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import java.util.Map;
import org.apache.kafka.common.config.SslConfigs;

/**
 * The {@code redis.ssl.*} settings, under Kafka's own names and types.
 *
 * @param kafkaConfigs {@code ssl.truststore.location} and so on; unset ones are null
 */
public record TlsSettings(Map<String, ?> kafkaConfigs) {

  /**
   * Returns {@code https} to check the server's name against its certificate; empty disables the
   * check.
   */
  public String endpointIdentificationAlgorithm() {
    Object value = kafkaConfigs.get(SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG);
    return value == null ? "" : value.toString();
  }

  /** Returns the names of the settings that are set, never their values. */
  @Override
  public String toString() {
    return "TLS with "
        + kafkaConfigs.entrySet().stream()
            .filter(e -> e.getValue() != null)
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
  }
}
