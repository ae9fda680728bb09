/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Validation that needs no Redis. */
class RedisStreamSourceConnectorTest {

  private static List<String> errors(String setting, String... settings) {
    Map<String, String> properties =
        new HashMap<>(Map.of("name", "c", "redis.uri", "redis://127.0.0.1:1"));
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    return new RedisStreamSourceConnector()
        .validate(properties).configValues().stream()
            .filter(value -> value.name().equals(setting))
            .findFirst()
            .orElseThrow()
            .errorMessages();
  }

  @Test
  void streamsWhoseTopicsKafkaWouldRefuseOneOfAreRefused() {
    assertThat(errors("topic", "redis.streams", "claims:paid,claims_paid"))
        .singleElement()
        .asString()
        .contains("claims:paid", "claims_paid", "only in '.' and '_'");
    assertThat(errors("topic", "redis.streams", "claims:paid,claims.paid")).isEmpty();
    assertThat(errors("topic", "redis.streams", "a:b,a_b", "topic", "all")).isEmpty();
  }

  @Test
  void aStreamWhoseTopicIsKafkasOwnIsRefused() {
    assertThat(errors("topic", "redis.streams", "__consumer_offsets"))
        .singleElement()
        .asString()
        .contains("internal topic of Kafka");
  }

  @Test
  void aDeadLetterTopicThatIsTheTopicOfEventsOrCollidesWithItIsRefused() {
    String setting = "errors.deadletterqueue.topic.name";

    assertThat(errors(setting, setting, "claims.events")).hasSize(1);
    assertThat(errors(setting, setting, "claims_events")).hasSize(1);
    assertThat(errors(setting, setting, "claims.failed")).isEmpty();
  }

  @Test
  void aPatternTogetherWithListedStreamsIsRefused() {
    assertThat(errors("redis.streams.pattern", "redis.streams.pattern", "claims:events:*"))
        .isEmpty();
    assertThat(
            errors(
                "redis.streams.pattern",
                "redis.streams.pattern",
                "claims:events:*",
                "redis.streams",
                "claims:events"))
        .singleElement()
        .asString()
        .contains("redis.streams is set, too");
  }

  @Test
  void aPatternThatFindsTheDeadLetterStreamIsRefused() {
    String setting = "redis.streams.pattern";

    assertThat(errors(setting, setting, "claims:*"))
        .singleElement()
        .asString()
        .contains("redis.failed.stream=claims:failed");
    assertThat(errors(setting, setting, "claims:*", "redis.failed.stream", "")).isEmpty();
    assertThat(errors(setting, setting, "*", "redis.failed.stream", "")).isEmpty();
    assertThat(errors(setting, setting, "claims:*", "redis.failed.stream", "letters")).isEmpty();
  }

  @Test
  void aPatternThatIsAMistakeIsRefused() {
    String setting = "redis.streams.pattern";

    assertThat(errors(setting, setting, "a:*,b:*")).singleElement().asString().contains("comma");
    assertThat(errors(setting, setting, "a:[b")).singleElement().asString().contains("']'");
    assertThat(errors(setting, setting, "claimstream:v1:*"))
        .singleElement()
        .asString()
        .contains("connector's own");
  }

  @Test
  void aPatternDoesNotStartAtTheEnd() {
    assertThat(
            errors(
                "redis.start.id",
                "redis.streams.pattern",
                "claims:events:*",
                "redis.start.id",
                "$"))
        .singleElement()
        .asString()
        .contains("set an instant");
  }

  @Test
  void theDeadLetterTopicMayNotBeTheOneTopicOfAllStreamsOfAPattern() {
    String setting = "errors.deadletterqueue.topic.name";

    assertThat(
            errors(
                setting,
                setting,
                "all",
                "topic",
                "all",
                "redis.streams.pattern",
                "claims:events:*"))
        .hasSize(1);
  }
}
