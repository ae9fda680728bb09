/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisConnectionConfigTest {

  @Test
  void reachesALocalServerByDefault() {
    RedisSettings settings = settings(Map.of());

    assertThat(settings.topology()).isEqualTo(RedisTopology.STANDALONE);
    assertThat(settings.endpoints()).containsExactly(new RedisEndpoint("localhost", 6379));
    assertThat(settings.username()).isNull();
    assertThat(settings.password()).isNull();
    assertThat(settings.database()).isZero();
    assertThat(settings.tls()).isEmpty();
    assertThat(settings.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.commandTimeout()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void readsAllPartsOfAUri() {
    RedisSettings settings =
        settings(Map.of("redis.uri", "redis://claims:p%40ss+w%3Ard@redis.example:6380/3"));

    assertThat(settings.endpoints()).containsExactly(new RedisEndpoint("redis.example", 6380));
    assertThat(settings.username()).isEqualTo("claims");
    assertThat(settings.password()).isEqualTo(new Password("p@ss+w:rd"));
    assertThat(settings.database()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"redis://:secret@h", "redis://secret@h"})
  void takesAPasswordWithoutUser(String uri) {
    RedisSettings settings = settings(Map.of("redis.uri", uri));

    assertThat(settings.username()).isNull();
    assertThat(settings.password()).isEqualTo(new Password("secret"));
  }

  @Test
  void prefersTheSettingsOverTheUri() {
    RedisSettings settings =
        settings(
            Map.of(
                "redis.uri", "redis://a:b@h",
                "redis.username", "claims",
                "redis.password", "secret"));

    assertThat(settings.username()).isEqualTo("claims");
    assertThat(settings.password()).isEqualTo(new Password("secret"));
  }

  @Test
  void knowsTheNamesThatServicesOfComposeHave() {
    RedisSettings settings = settings(Map.of("redis.uri", "redis://u:p%40@redis_redis:7000/2"));

    assertThat(settings.endpoints()).hasToString("[redis_redis:7000]");
    assertThat(settings.username()).isEqualTo("u");
    assertThat(settings.password()).isEqualTo(new Password("p@"));
    assertThat(settings.database()).isEqualTo(2);
    assertThat(settings(Map.of("redis.uri", "redis://my_redis")).endpoints())
        .hasToString("[my_redis:6379]");
    assertThat(settings(Map.of("redis.uri", "redis://[::1]:7000")).endpoints())
        .hasToString("[[::1]:7000]");
  }

  @Test
  void keepsSeveralServersInOrder() {
    assertThat(settings(Map.of("redis.uri", "redis://a,redis://b:7000 , redis://c")).endpoints())
        .hasToString("[a:6379, b:7000, c:6379]");
  }

  @Test
  void knowsThePortOfSentinels() {
    RedisSettings settings =
        settings(
            Map.of(
                "redis.uri", "redis://a,redis://b",
                "redis.topology", "sentinel",
                "redis.sentinel.master", "claims",
                "redis.sentinel.username", "watch",
                "redis.sentinel.password", "secret"));

    assertThat(settings.endpoints()).hasToString("[a:26379, b:26379]");
    assertThat(settings.sentinelMaster()).isEqualTo("claims");
    assertThat(settings.sentinelUsername()).isEqualTo("watch");
    assertThat(settings.sentinelPassword()).isEqualTo(new Password("secret"));
  }

  @Test
  void needsTheMastersNameWithSentinels() {
    refuses(Map.of("redis.topology", "sentinel"), "redis.sentinel.master");
  }

  @Test
  void allowsNoDatabaseInACluster() {
    refuses(Map.of("redis.topology", "cluster", "redis.uri", "redis://a/1"), "redis.uri");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:6379",
        "http://:secret@h",
        "redis://:secret@",
        "redis://:sec ret@h",
        "redis://:secret@h:port",
        "redis://:secret@h/one",
        "redis://:secret@h/-1",
        "redis://:secret@h?db=1",
        "redis://:secret@h/1?db=1",
        "redis://:secret@h#1",
        "redis://:a@secret#x@h",
        "redis://u:12/secret@h:6379",
        "redis://u:1234/secret@h:6379/1",
        "redis://u/secret@h:6379",
        "redis://u:pa?secret@h:6379",
        "redis://:secret@h,redis://:other@h",
        "redis://:secret@h,rediss://:secret@h",
        "redis://:secret@h/0,redis://:secret@h/1",
        "redis://:secret@h, ",
        ""
      })
  void namesTheSettingOfAWrongUriButNoPassword(String uri) {
    refuses(Map.of("redis.uri", uri), "redis.uri");
  }

  @Test
  void readsTlsUnderKafkasNames() {
    RedisSettings settings =
        settings(
            Map.of(
                "redis.uri", "rediss://h",
                "redis.ssl.truststore.type", "PEM",
                "redis.ssl.truststore.certificates", "secret",
                "redis.ssl.endpoint.identification.algorithm", ""));

    TlsSettings tls = settings.tls().orElseThrow();
    assertThat(tls.kafkaConfigs().get("ssl.truststore.type")).isEqualTo("PEM");
    assertThat(tls.kafkaConfigs().get("ssl.truststore.certificates"))
        .isEqualTo(new Password("secret"));
    assertThat(tls.endpointIdentificationAlgorithm()).isEmpty();
    assertThat(tls.toString()).contains("ssl.truststore.certificates").doesNotContain("secret");
  }

  @Test
  void refusesToForgetTheEncryptionThatIsSetUp() {
    refuses(
        Map.of("redis.uri", "redis://h", "redis.ssl.keystore.key", "secret"),
        "redis.ssl.keystore.key");
    refuses(
        Map.of("redis.uri", "redis://h", "redis.ssl.truststore.location", "secret.p12"),
        "redis.ssl.truststore.location");
  }

  @Test
  void checksTheServersNameUnlessSetOtherwise() {
    RedisSettings settings = settings(Map.of("redis.uri", "rediss://h"));

    assertThat(settings.tls().orElseThrow().endpointIdentificationAlgorithm()).isEqualTo("https");
  }

  @Test
  void showsWhereAndHowButNoSecret() {
    RedisSettings settings =
        settings(
            Map.of(
                "redis.uri", "rediss://claims:secret@h/2",
                "redis.topology", "sentinel",
                "redis.sentinel.master", "prime",
                "redis.sentinel.password", "secret",
                "redis.ssl.key.password", "secret"));

    assertThat(settings.toString())
        .contains("SENTINEL", "h:26379", "claims", "database 2", "prime", "TLS")
        .doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rediss://h", "redis://h"})
  void refusesAnEngineFactoryInsteadOfIgnoringIt(String uri) {
    ConfigDef def = new ConfigDef();
    RedisConnectionConfig.define(def);

    // for an existing class and for a missing one
    for (String factory : List.of(DefaultSslEngineFactory.class.getName(), "com.example.Factory")) {
      Map<String, String> properties =
          Map.of("redis.uri", uri, "redis.ssl.engine.factory.class", factory);
      assertThat(def.validate(properties))
          .filteredOn(value -> !value.errorMessages().isEmpty())
          .singleElement()
          .satisfies(
              value -> {
                assertThat(value.name()).isEqualTo("redis.ssl.engine.factory.class");
                assertThat(value.errorMessages())
                    .singleElement()
                    .asString()
                    .contains("not supported", "redis.ssl.keystore");
              });
      refuses(properties, "redis.ssl.engine.factory.class");
    }
    assertThat(
            settings(Map.of("redis.uri", "rediss://h")).tls().orElseThrow().kafkaConfigs().keySet())
        .doesNotContain("ssl.engine.factory.class");
  }

  @Test
  void makesAClientNameThatRedisAccepts() {
    assertThat(RedisConnectionConfig.settings(config(Map.of()), "Claims Source ü-0").clientName())
        .isEqualTo("claims_source__-0");
  }

  @Test
  void refusesATimeoutOfZero() {
    refuses(Map.of("redis.command.timeout.ms", "0"), "redis.command.timeout.ms");
    refuses(Map.of("redis.connect.timeout.ms", "0"), "redis.connect.timeout.ms");
  }

  private static void refuses(Map<String, String> properties, String setting) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> settings(properties))
        .withMessageContaining(setting)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret", "sec ret", "other"));
  }

  private static RedisSettings settings(Map<String, String> properties) {
    return RedisConnectionConfig.settings(config(properties), "test");
  }

  private static AbstractConfig config(Map<String, String> properties) {
    ConfigDef def = new ConfigDef();
    RedisConnectionConfig.define(def);
    return new AbstractConfig(def, properties, false);
  }
}
