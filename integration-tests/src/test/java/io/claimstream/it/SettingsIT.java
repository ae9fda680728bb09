/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.stack.ConnectRest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wrong settings are refused by the REST API, on the key that is wrong. */
@ExtendWith(Stack.class)
class SettingsIT {
  private final Stack stack;

  SettingsIT(Stack stack) {
    this.stack = stack;
  }

  @ParameterizedTest
  @CsvSource({
    "claims-source.json, redis.uri, http://localhost",
    "claims-source.json, redis.uri, redis://127.0.0.1:1",
    "claims-source.json, redis.streams, ''",
    "claims-source.json, redis.start.id, yesterday",
    "claims-source.json, redis.read.count, many",
    "claims-source.json, topic, ${table}",
    "claims-source.json, event.schemas, classpath:nowhere",
    "claims-source.json, event.format, xml",
    "claims-source.json, redis.topology, ring",
    "claims-analytics-sink.json, redis.uri, redis://127.0.0.1:1",
    "claims-analytics-sink.json, redis.stream, ''",
    "claims-analytics-sink.json, redis.delivery, sometimes",
    "claims-analytics-sink.json, redis.stream.max.length, 0",
    "claims-analytics-sink.json, behavior.on.null.values, delete",
  })
  void aWrongSettingIsRefusedOnItsOwnKey(String example, String key, String value) {
    // given
    ObjectNode config = stack.example(example, Map.of(key, value));
    String name = Stack.unique("wrong");

    // when
    JsonNode validation =
        stack
            .connect()
            .validate(config.get("connector.class").asText(), config.deepCopy().put("name", name));
    ConnectRest.Response created =
        stack
            .connect()
            .request(
                "POST",
                "/connectors",
                JsonNodeFactory.instance.objectNode().put("name", name).set("config", config));

    // then
    assertThat(wrongKeys(validation)).containsExactly(key);
    assertThat(created.status()).isEqualTo(400);
    assertThat(created.body().path("message").asText()).isNotBlank();
  }

  @Test
  void aKeyThatHoldsNoStreamIsRefused() {
    try (Redis redis = stack.redis()) {
      // given
      String key = Stack.unique("text");
      redis.call("SET", key, "x");

      // when
      JsonNode validation =
          stack
              .connect()
              .validate(
                  "io.claimstream.connect.source.RedisStreamSourceConnector",
                  stack
                      .example("claims-source.json", Map.of("redis.streams", key))
                      .put("name", "x"));

      // then
      assertThat(validation.toString()).contains("key '" + key + "' is a string, not a stream");
    }
  }

  @Test
  void refusedCredentialsAreReportedOnThePassword() {
    JsonNode validation =
        stack
            .connect()
            .validate(
                "io.claimstream.connect.source.RedisStreamSourceConnector",
                stack
                    .example(
                        "claims-source.json",
                        Map.of("redis.username", "nobody", "redis.password", "wrong"))
                    .put("name", "x"));

    assertThat(wrongKeys(validation)).containsExactly("redis.password");
  }

  static List<String> wrongKeys(JsonNode validation) {
    List<String> wrong = new ArrayList<>();
    for (JsonNode setting : validation.path("configs")) {
      if (!setting.path("value").path("errors").isEmpty()) {
        wrong.add(setting.path("value").path("name").asText());
      }
    }
    return wrong;
  }

  @Test
  void aPasswordIsNeverShown() {
    JsonNode validation =
        stack
            .connect()
            .validate(
                "io.claimstream.connect.source.RedisStreamSourceConnector",
                stack
                    .example("claims-source.json", Map.of("redis.password", "s3cret-word"))
                    .put("name", "x"));

    assertThat(validation.toString()).doesNotContain("s3cret-word");
  }
}
