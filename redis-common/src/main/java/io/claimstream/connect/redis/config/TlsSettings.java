/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import java.util.Map;
import org.apache.kafka.common.config.SslConfigs;

/**
 * What {@code redis.ssl.*} says, under Kafka's own names and with the types Kafka gives them.
 *
 * @param kafkaConfigs {@code ssl.truststore.location} and so on; unset ones are null
 */
public record TlsSettings(Map<String, ?> kafkaConfigs) {

  /** {@code https} to check the server's name against its certificate; empty turns it off. */
  public String endpointIdentificationAlgorithm() {
    Object value = kafkaConfigs.get(SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG);
    return value == null ? "" : value.toString();
  }

  /** Names the settings that are set, never their values. */
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
