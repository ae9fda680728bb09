/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.validation;

import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisSettings;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Maps a failed connection to the setting that caused it, by the message of the server, of Java's
 * TLS, or of the client package.
 */
final class ConnectionProblem {
  private static final String TRUSTSTORE_CERTIFICATES = "redis.ssl.truststore.certificates";
  private static final String TRUSTSTORE_LOCATION = "redis.ssl.truststore.location";
  private static final String KEYSTORE_CHAIN = "redis.ssl.keystore.certificate.chain";
  private static final String KEYSTORE_LOCATION = "redis.ssl.keystore.location";
  private static final String PREFIX = "redis.";

  private static final List<String> CLOSED =
      List.of("Broken pipe", "Connection reset", "Unexpected end of stream", "closed");

  /** Parts of a message and the settings that they indicate, in order of precedence. */
  private static final List<Map.Entry<String, String>> SIGNS =
      List.of(
          Map.entry(RedisConnectionConfig.SENTINEL_MASTER, RedisConnectionConfig.SENTINEL_MASTER),
          Map.entry(
              RedisConnectionConfig.SENTINEL_PASSWORD, RedisConnectionConfig.SENTINEL_PASSWORD),
          Map.entry(
              RedisConnectionConfig.SENTINEL_USERNAME, RedisConnectionConfig.SENTINEL_USERNAME),
          Map.entry("redis.credentials.", RedisConnectionConfig.CREDENTIALS_PROVIDER),
          Map.entry("unknown command 'SENTINEL'", RedisConnectionConfig.TOPOLOGY),
          Map.entry("cluster support disabled", RedisConnectionConfig.TOPOLOGY),
          Map.entry("unknown command 'CLUSTER'", RedisConnectionConfig.TOPOLOGY),
          Map.entry("NOAUTH", RedisConnectionConfig.PASSWORD),
          Map.entry("WRONGPASS", RedisConnectionConfig.PASSWORD),
          Map.entry("AUTH", RedisConnectionConfig.PASSWORD),
          Map.entry("invalid password", RedisConnectionConfig.PASSWORD),
          Map.entry("NOPERM", RedisConnectionConfig.USERNAME),
          Map.entry("certification path", TRUSTSTORE_LOCATION),
          Map.entry("PKIX", TRUSTSTORE_LOCATION),
          Map.entry("certificate_required", KEYSTORE_LOCATION),
          Map.entry("bad_certificate", KEYSTORE_LOCATION),
          Map.entry("unknown_ca", KEYSTORE_LOCATION),
          Map.entry("certificate_unknown", KEYSTORE_LOCATION));

  private ConnectionProblem() {}

  /** Returns the problem to report for a failed connection. */
  static Problem problem(String message, RedisSettings settings) {
    boolean closed = CLOSED.stream().anyMatch(message::contains);
    if (closed && isGiven(settings, TRUSTSTORE_LOCATION, TRUSTSTORE_CERTIFICATES)) {
      // the server's reason may be lost with the connection before the client has read it
      return new Problem(
          orText(settings, KEYSTORE_LOCATION, KEYSTORE_CHAIN),
          message + ": the server may require a client certificate that it trusts");
    }
    return new Problem(settingOf(message, settings), message);
  }

  /** Returns the setting to change; the URI if no other one is indicated. */
  private static String settingOf(String message, RedisSettings settings) {
    String words = message.replace('`', '\''); // the quotes of Redis 6.2
    String setting =
        SIGNS.stream()
            .filter(sign -> words.contains(sign.getKey()))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse(RedisConnectionConfig.URI);
    return switch (setting) {
      case TRUSTSTORE_LOCATION -> orText(settings, setting, TRUSTSTORE_CERTIFICATES);
      case KEYSTORE_LOCATION -> orText(settings, setting, KEYSTORE_CHAIN);
      case RedisConnectionConfig.PASSWORD ->
          settings.credentials().isPresent() ? RedisConnectionConfig.CREDENTIALS_PROVIDER : setting;
      default -> setting;
    };
  }

  /** Returns the setting of the store's text if the store is set as text instead of as a file. */
  private static String orText(RedisSettings settings, String location, String text) {
    return isGiven(settings, text) ? text : location;
  }

  private static boolean isGiven(RedisSettings settings, String... keys) {
    return settings
        .tls()
        .filter(
            tls ->
                Stream.of(keys)
                    .anyMatch(
                        key -> tls.kafkaConfigs().get(key.substring(PREFIX.length())) != null))
        .isPresent();
  }
}
