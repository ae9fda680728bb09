/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.error.RedisErrors;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.sink.state.RedisStateSinkConnector;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.sink.SinkConnector;
import org.junit.jupiter.api.Test;

class RedisStreamSinkConnectorTest {
  private final ScriptedRedis redis = new ScriptedRedis();
  private final RedisStreamSinkConnector connector =
      new RedisStreamSinkConnector(s -> redis, new FakeClock());

  @Test
  void connectFindsThePlugins() {
    assertThat(ServiceLoader.load(SinkConnector.class))
        .allSatisfy(plugin -> assertThat(plugin.version()).isNotBlank())
        .<Object>map(Object::getClass)
        .containsExactly(RedisStreamSinkConnector.class, RedisStateSinkConnector.class);
  }

  @Test
  void everyTaskGetsTheWholeConfiguration() {
    Map<String, String> properties = Map.of("name", "analytics", "errors.tolerance", "all");
    connector.start(properties);

    List<Map<String, String>> tasks = connector.taskConfigs(3);

    assertThat(tasks)
        .hasSize(3)
        .allSatisfy(task -> assertThat(task).containsAllEntriesOf(properties));
    assertThat(tasks)
        .extracting(task -> task.get("claimstream.task"))
        .containsExactly("0", "1", "2");
  }

  @Test
  void rightConfigurationHasNoErrors() {
    assertThat(errors()).isEmpty();
  }

  @Test
  void streamsThatExistAreFine() {
    redis.holding("claims:analytics", "stream").holding("claims:failed", "stream");

    assertThat(errors("errors.tolerance", "all")).isEmpty();
  }

  @Test
  void unreachableServerIsAnErrorOfTheUri() {
    redis.refusing(new RedisOutageException("cannot connect to Redis at h:1: refused", null));

    assertThat(errors()).containsOnlyKeys("redis.uri");
  }

  @Test
  void wrongPasswordIsAnErrorOfThePassword() {
    redis.refusing(RedisErrors.toException("WRONGPASS invalid username-password pair", "connect"));

    assertThat(errors()).containsOnlyKeys("redis.password");
  }

  @Test
  void missingPasswordIsAnErrorOfThePassword() {
    redis.refusing(RedisErrors.toException("NOAUTH Authentication required.", "connect"));

    assertThat(errors()).containsOnlyKeys("redis.password");
  }

  @Test
  void missingPermissionIsAnErrorOfTheUser() {
    redis.refusing(RedisErrors.toException("NOPERM no permissions to run 'type'", "TYPE x"));

    assertThat(errors()).containsOnlyKeys("redis.username");
  }

  @Test
  void keyOfAnotherTypeIsAnErrorOfTheStream() {
    redis.holding("claims:analytics", "hash");

    Map<String, List<String>> errors = errors();

    assertThat(errors).containsOnlyKeys("redis.stream");
    assertThat(errors.get("redis.stream")).singleElement().asString().contains("hash");
  }

  @Test
  void keyOfAnotherTypeIsAnErrorOfTheStreamOfFailures() {
    redis.holding("claims:failed", "list");

    assertThat(errors("errors.tolerance", "all")).containsOnlyKeys("redis.failed.stream");
  }

  @Test
  void settingsThatContradictEachOtherAreAnErrorOfTheOneToChange() {
    assertThat(errors("redis.topology", "sentinel")).containsOnlyKeys("redis.sentinel.master");
    assertThat(errors("redis.uri", "redis://a/1,redis://b/2")).containsOnlyKeys("redis.uri");
  }

  @Test
  void wrongValueIsReportedWithoutAskingRedis() {
    redis.refusing(new IllegalStateException("asked"));

    assertThat(errors("redis.write.count", "0")).containsOnlyKeys("redis.write.count");
  }

  @Test
  void storeThatCannotBeReadIsAnErrorOfItsLocation() {
    String missing = "/nowhere/truststore.jks";

    Map<String, List<String>> errors =
        errors(
            new RedisStreamSinkConnector(),
            "redis.uri",
            "rediss://127.0.0.1:1",
            "redis.ssl.truststore.location",
            missing,
            "redis.ssl.truststore.password",
            "x");

    assertThat(errors).containsOnlyKeys("redis.ssl.truststore.location");
  }

  private Map<String, List<String>> errors(String... settings) {
    return errors(connector, settings);
  }

  private static Map<String, List<String>> errors(
      RedisStreamSinkConnector connector, String... settings) {
    Map<String, String> properties = new HashMap<>(Map.of("name", "analytics"));
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    return connector.validate(properties).configValues().stream()
        .filter(value -> !value.errorMessages().isEmpty())
        .collect(Collectors.toMap(ConfigValue::name, ConfigValue::errorMessages));
  }
}
