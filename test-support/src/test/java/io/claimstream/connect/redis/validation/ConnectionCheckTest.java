/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.ConfigKey;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.error.RedisErrors;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.Fault.Refusal;
import io.claimstream.connect.redis.fake.FaultPlan;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionCheckTest {
  private static final String STREAM_SETTING = "redis.stream";

  private final FakeRedis redis = new FakeRedis(new FakeClock());
  private final ConfigDef def = new ConfigDef();

  ConnectionCheckTest() {
    RedisConnectionConfig.define(def);
    ConfigKey.of(STREAM_SETTING, ConfigDef.Type.LIST).defaultsTo("s").addTo(def, "Streams");
  }

  @Test
  void findsNothingWrongWithStreamsAndKeysThatDoNotExistYet() {
    redis.call("XADD", "s", "*", "f", "v");

    assertThat(problems(redis, List.of("s", "later"))).isEmpty();
    assertThat(problems(redis, List.of())).isEmpty();
    assertThat(redis.openConnections()).as("left open").isZero();
  }

  @Test
  void pinsAKeyThatHoldsNoStreamOnTheSettingThatNamesIt() {
    redis.call("SET", "text", "v");

    assertThat(problems(redis, List.of("s", "text")))
        .containsOnlyKeys(STREAM_SETTING)
        .hasEntrySatisfying(
            STREAM_SETTING, problem -> assertThat(problem).contains("'text'", "string"));
  }

  @Test
  void pinsAServerThatDoesNotAnswerOnTheUri() {
    redis.stop();

    assertThat(problems(redis, List.of("s"))).containsOnlyKeys(RedisConnectionConfig.URI);
  }

  @ParameterizedTest
  @CsvSource({
    "NOAUTH Authentication required., redis.password",
    "NOPERM this user has no permissions to run the 'type' command, redis.username",
    "ERR unknown command 'TYPE', redis.uri",
    "LOADING Redis is loading the dataset in memory, redis.uri",
  })
  void pinsWhatTheServerRefusesOnTheSettingToChange(String reply, String setting) {
    redis.faults(FaultPlan.always(command -> true, new Refusal(reply)));

    assertThat(problems(redis, List.of("s")))
        .containsOnlyKeys(setting)
        .hasEntrySatisfying(setting, problem -> assertThat(problem).contains(reply));
    assertThat(redis.openConnections()).as("left open").isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ERR unknown command 'WAITAOF' | does not support WAITAOF",
        "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled. |"
            + " keeps no append-only file: set appendonly=yes there",
      })
  void pinsWhatOnlyASettingAsksForOnThatSetting(String reply, String problem) {
    redis.faults(FaultPlan.always(command -> command.name().equals("WAITAOF"), new Refusal(reply)));
    List<Command> probes = List.of(Command.of("WAITAOF", 1, 0, 1));

    assertThat(problemsOfUses(redis, List.of(new RequiredAccess(STREAM_SETTING, "s", probes))))
        .containsOnlyKeys(STREAM_SETTING)
        .hasEntrySatisfying(STREAM_SETTING, text -> assertThat(text).endsWith(problem));
  }

  @Test
  void namesEachCommandThatTheUserMayNotSend() {
    redis.faults(
        FaultPlan.always(
            command -> command.name().startsWith("XA"),
            new Refusal("NOPERM this user has no permissions to run the command")));
    List<Command> probes =
        List.of(
            Command.of("XADD", "s", "*", "f", "v"),
            Command.of("GET", "k"),
            Command.of("XACK", "s", "g", "1"));

    assertThat(problemsOfUses(redis, List.of(new RequiredAccess(STREAM_SETTING, "s", probes))))
        .containsOnlyKeys(RedisConnectionConfig.USERNAME)
        .hasEntrySatisfying(
            RedisConnectionConfig.USERNAME,
            problem -> assertThat(problem).contains("XADD, XACK", "'s'"));
  }

  @Test
  void namesACommandThatTheServerDoesNotKnow() {
    List<Command> probes = List.of(Command.of("XFUTURE", "s"));

    assertThat(problemsOfUses(redis, List.of(new RequiredAccess(STREAM_SETTING, "s", probes))))
        .containsOnlyKeys(RedisConnectionConfig.URI)
        .hasEntrySatisfying(
            RedisConnectionConfig.URI, problem -> assertThat(problem).contains("XFUTURE"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ERR Could not find scripting engine 'lua'",
        "ERR user_script:1: Script attempted to access nonexistent global variable 'cmsgpack'",
      })
  void pinsAServerThatCannotRunTheScriptsOnTheUri(String reply) {
    redis.faults(FaultPlan.always(command -> command.name().equals("EVAL"), new Refusal(reply)));
    List<Command> probes =
        List.of(
            Command.of("EVALSHA", "0".repeat(40), 1, "s"), Command.of("EVAL", "return 0", 1, "s"));

    assertThat(problemsOfUses(redis, List.of(new RequiredAccess(STREAM_SETTING, "s", probes))))
        .containsOnlyKeys(RedisConnectionConfig.URI)
        .hasEntrySatisfying(
            RedisConnectionConfig.URI, problem -> assertThat(problem).contains("scripts", reply));
  }

  @Test
  void limitsTheWaitForASilentServer() {
    CountDownLatch never = new CountDownLatch(1);
    RedisConnections silent =
        key -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          throw new AssertionError("answered");
        };

    assertTimeout(
        Duration.ofSeconds(30),
        () ->
            assertThat(problems(silent, List.of("s")))
                .containsOnlyKeys(RedisConnectionConfig.URI)
                .hasEntrySatisfying(
                    RedisConnectionConfig.URI,
                    problem -> assertThat(problem).contains("localhost:6379", "no reply")));
  }

  @Test
  void showsAUriWithoutItsPassword() {
    Config config =
        validated(
            Map.of("redis.uri", "redis://u:s3c:r@t@a/1, redis://:s3cret@b, redis://s3cret@c"));

    new ConnectionCheck(config, settings -> redis);

    assertThat(
            config.configValues().stream()
                .filter(value -> value.name().equals(RedisConnectionConfig.URI))
                .map(value -> String.valueOf(value.value())))
        .containsExactly("[redis://u:[hidden]@a/1, redis://:[hidden]@b, redis://[hidden]@c]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "the sentinel at h:1 does not know a master named 'x' (redis.sentinel.master) |"
            + " redis.sentinel.master",
        "the sentinel asks for redis.sentinel.password: NOAUTH | redis.sentinel.password",
        "Redis refused SENTINEL: ERR unknown command 'SENTINEL' | redis.topology",
        "ERR This instance has cluster support disabled | redis.topology",
        "TLS handshake failed: PKIX path building failed | redis.ssl.truststore.location",
        "lost: Received fatal alert: certificate_required | redis.ssl.keystore.location",
        "TLS handshake failed: No name matching h found | redis.uri",
      })
  void pinsAFailedConnectOnTheSettingToChange(String message, String setting) {
    RedisConnections failing =
        key -> {
          throw new RedisOutageException(message, null);
        };

    assertThat(problems(failing, List.of("s"))).containsOnlyKeys(setting);
  }

  @Test
  void pinsWrongCredentialsOnThePassword() {
    RedisConnections refusing =
        key -> {
          throw RedisErrors.toException("WRONGPASS invalid username-password pair", "connect");
        };

    assertThat(problems(refusing, List.of("s"))).containsOnlyKeys(RedisConnectionConfig.PASSWORD);
  }

  @ParameterizedTest
  @CsvSource({
    "Failed to load SSL keystore x.p12, redis.ssl.keystore.location",
    "Failed to load SSL truststore x.p12, redis.ssl.truststore.location",
  })
  void pinsAStoreThatCannotBeReadOnItsSetting(String message, String setting) {
    RedisConnections unreadable =
        key -> {
          throw new KafkaException(message);
        };

    assertThat(problems(unreadable, List.of("s"))).containsOnlyKeys(setting);
  }

  @Test
  void pinsAProblemOfSeveralSettingsOnTheOneItNames() {
    Config config = validated(Map.of());
    ConnectionCheck check = new ConnectionCheck(config, settings -> redis);

    check.test(
        () -> {
          throw new ConfigException(RedisConnectionConfig.SENTINEL_MASTER, "", "must name it");
        });

    assertThat(check.hasErrors()).isTrue();
    assertThat(problemsIn(config)).containsOnlyKeys(RedisConnectionConfig.SENTINEL_MASTER);
  }

  @Test
  void doesNotConnectWithSettingsThatAreWrongByThemselves() {
    Config config = validated(Map.of(RedisConnectionConfig.TOPOLOGY, "ring"));
    RedisConnections unexpected =
        key -> {
          throw new AssertionError("connected");
        };
    ConnectionCheck check = new ConnectionCheck(config, settings -> unexpected);

    check.connect(this::settings, List.of(new RequiredAccess(STREAM_SETTING, "s", List.of())));

    assertThat(problemsIn(config)).containsOnlyKeys(RedisConnectionConfig.TOPOLOGY);
  }

  @Test
  void refusesToPinOnASettingThatDoesNotExist() {
    ConnectionCheck check = new ConnectionCheck(validated(Map.of()), settings -> redis);

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> check.pin("redis.typo", "is wrong"))
        .withMessageContaining("redis.typo");
  }

  private Map<String, String> problems(RedisConnections connections, List<String> streams) {
    return problemsOfUses(
        connections,
        streams.stream().map(key -> new RequiredAccess(STREAM_SETTING, key, List.of())).toList());
  }

  private Map<String, String> problemsOfUses(
      RedisConnections connections, List<RequiredAccess> keys) {
    Config config = validated(Map.of());
    new ConnectionCheck(config, settings -> connections).connect(this::settings, keys);
    return problemsIn(config);
  }

  private RedisSettings settings() {
    return RedisConnectionConfig.settings(new AbstractConfig(def, Map.of(), false), "test");
  }

  private Config validated(Map<String, String> properties) {
    return new Config(def.validate(properties));
  }

  private static Map<String, String> problemsIn(Config config) {
    Map<String, String> problems = new HashMap<>();
    for (ConfigValue value : config.configValues()) {
      if (!value.errorMessages().isEmpty()) {
        problems.put(value.name(), String.join("; ", value.errorMessages()));
      }
    }
    return problems;
  }
}
