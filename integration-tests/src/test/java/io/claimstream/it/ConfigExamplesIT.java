/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.connect.redis.client.Replies;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of config-examples does on a real worker what it is there for. */
@ExtendWith(Stack.class)
class ConfigExamplesIT {
  private static final Path EXAMPLES = Path.of(System.getProperty("examples", ""));

  private static final Object[] PAYMENT = {
    "payment_id", "00112233-4455-6677-8899-aabbccddeeff",
    "paid_at", "2024-08-20T10:30:00Z",
    "amount", "1",
    "currency", "EUR",
    "method", "CARD",
    "payer", "{\"name\": \"A\"}"
  };

  private final Stack stack;

  ConfigExamplesIT(Stack stack) {
    this.stack = stack;
  }

  /** Files for the connectors of this project. */
  static List<String> connectors() {
    return files().filter(name -> !name.startsWith("warehouse-")).toList();
  }

  private static Stream<String> files() {
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".json"))
          .sorted()
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("connectors")
  void aRecordGoesThroughTheConnectorOfEveryFile(String file) {
    ObjectNode config = stack.example(file, Map.of());
    if (config.path("connector.class").asText().contains("Source")) {
      sourceWorks(file);
    } else if (file.startsWith("claims-snapshots")) {
      stateSinkWorks(file);
    } else if (file.startsWith("claims-failed")) {
      deadLettersAreCarriedToRedis(file);
    } else if (file.startsWith("claims-analytics-repair")) {
      repairedDeadLettersAreAppendedOnce(file);
    } else {
      sinkWorks(file);
    }
  }

  @Test
  void theFilesForAWarehouseAreThoseThatItsTestRuns() {
    assertThat(files().filter(name -> name.startsWith("warehouse-")))
        .containsExactlyInAnyOrder(WarehouseIT.EVENTS, WarehouseIT.ATTRIBUTES, WarehouseIT.CLAIMS);
  }

  @Test
  void noTopicHoldsTheDeadLettersOfBothDirections() {
    // given
    Set<String> ofSources = new HashSet<>(Set.of("claims.failed")); // as the docs name it
    Set<String> ofSinks = new HashSet<>();
    Set<String> carriedToRedis = new HashSet<>();

    // when
    for (String file : connectors()) {
      ObjectNode config = stack.example(file, Map.of());
      String topic = config.path("errors.deadletterqueue.topic.name").asText();
      boolean source = config.path("connector.class").asText().contains("Source");
      if (!topic.isEmpty()) {
        (source ? ofSources : ofSinks).add(topic);
      }
      if (config.path("redis.stream").asText().equals("claims:failed")) {
        carriedToRedis.add(config.path("topics").asText());
      }
    }

    // then
    assertThat(ofSinks).isNotEmpty().doesNotContainAnyElementsOf(ofSources);
    assertThat(carriedToRedis).isNotEmpty().isSubsetOf(ofSinks);
  }

  private void sourceWorks(String file) {
    String stream = Stack.unique("example");
    String name = Stack.unique("example");
    String streams = "redis.streams";
    if (stack.example(file, Map.of()).has("redis.streams.pattern")) {
      streams = "redis.streams.pattern";
    }
    ObjectNode config = stack.example(file, Map.of(streams, stream));
    String filter = config.path("event.filter").asText();
    String type =
        filter.startsWith("type=")
            ? filter.substring("type=".length(), filter.indexOf(','))
            : Stack.unique("claim_submitted");
    String target = config.get("topic").asText().replace("${stream}", stream);
    Topic topic = stack.topic(target.replace("${type}", type));
    stack.createTopics(Map.of(topic.name(), 1));
    try (Redis redis = stack.redis()) {
      redis.add(stream, file.startsWith("payments") ? PAYMENT : claim(type));
      stack.run(name, config);

      assertThat(topic.await(1)).hasSize(1);
    } finally {
      stack.connect().delete(name);
    }
  }

  private static Object[] claim(String type) {
    return new Object[] {"type", type, "claim_id", "CLM-1", "amount", "1"};
  }

  /** Of a sink whose dead letter queue the example reads. */
  private void deadLettersAreCarriedToRedis(String file) {
    Topic topic = stack.topic(Stack.unique("claims.analytics"));
    Topic deadLetters = stack.topic(Stack.unique("claims.analytics.failed"));
    String target = Stack.unique("claims:failed");
    String failing = Stack.unique("example");
    String carrying = Stack.unique("example");
    stack.createTopics(Map.of(topic.name(), 1, deadLetters.name(), 1));
    try (Redis redis = stack.redis()) {
      stack.run(
          failing,
          stack.example(
              "claims-analytics-sink.json",
              Map.of(
                  "topics", topic.name(),
                  "redis.stream", Stack.unique("claims:analytics"),
                  "redis.failed.stream", "",
                  "consumer.override.group.id", failing,
                  "errors.deadletterqueue.topic.name", deadLetters.name())));
      topic.produce("k", new byte[] {1, 2, 3});
      deadLetters.await(1);

      stack.run(
          carrying,
          stack.example(
              file,
              Map.of(
                  "topics", deadLetters.name(),
                  "redis.stream", target,
                  "consumer.override.group.id", carrying)));

      await().atMost(Duration.ofSeconds(60)).until(() -> redis.entries(target).size() == 1);
      assertThat(Redis.fields(redis.entries(target).get(0)))
          .containsEntry("value", "AQID")
          .containsEntry("header.__connect.errors.topic", topic.name())
          .containsEntry("header.__connect.errors.offset", "0")
          .containsKey("header.__connect.errors.exception.message");
    } finally {
      stack.connect().delete(failing);
      stack.connect().delete(carrying);
    }
  }

  /** Of a sink that was posted with the wrong converter. */
  private void repairedDeadLettersAreAppendedOnce(String file) {
    String stream = Stack.unique("example");
    String target = Stack.unique("target");
    String source = Stack.unique("example");
    String wrong = Stack.unique("example");
    String repair = Stack.unique("example");
    Topic failed = stack.topic(stream + ".failed");
    Topic unrepaired = stack.topic(stream + ".unrepaired");
    stack.createTopics(Map.of(stream, 1, failed.name(), 1, unrepaired.name(), 1));
    ObjectNode repairing =
        stack.example(
            file,
            Map.of(
                "topics",
                failed.name(),
                "redis.stream",
                target,
                "consumer.override.group.id",
                repair,
                "errors.deadletterqueue.topic.name",
                unrepaired.name()));
    try (Redis redis = stack.redis()) {
      for (int i = 0; i < 3; i++) {
        redis.add(stream, "type", "claim_submitted", "claim_id", "CLM-" + i, "amount", "1");
      }
      stack.run(source, stack.example("claims-source.json", Map.of("redis.streams", stream)));
      stack.run(
          wrong,
          stack.example(
              "claims-analytics-sink.json",
              Map.of(
                  "topics", stream,
                  "redis.stream", target,
                  "consumer.override.group.id", wrong,
                  "errors.deadletterqueue.topic.name", failed.name(),
                  "value.converter", "org.apache.kafka.connect.json.JsonConverter")));
      failed.await(3);
      failed.produce("k", new byte[] {1, 2, 3});

      // when, and once more under the same name
      for (int i = 0; i < 2; i++) {
        stack.run(repair, repairing);
        unrepaired.await(1);
        await().atMost(Duration.ofSeconds(60)).until(() -> redis.entries(target).size() >= 3);
        stack.connect().delete(repair);
      }

      // then
      assertThat(redis.entries(target))
          .extracting(entry -> Redis.fields(entry).get("claim_id"))
          .containsExactly("CLM-0", "CLM-1", "CLM-2");
      assertThat(unrepaired.records()).hasSize(1);
    } finally {
      stack.connect().delete(source);
      stack.connect().delete(wrong);
    }
  }

  /** The topic is filled by the source, in the format that the sink's file asks for. */
  private void sinkWorks(String file) {
    String stream = Stack.unique("example");
    String target = Stack.unique("target");
    String source = Stack.unique("example");
    String sink = Stack.unique("example");
    String sourceFile =
        file.contains("confluent") ? "claims-source-confluent.json" : "claims-source.json";
    stack.createTopics(Map.of(stream, 1));
    try (Redis redis = stack.redis()) {
      redis.add(stream, "type", "claim_submitted", "claim_id", "CLM-1", "amount", "1");
      stack.run(source, stack.example(sourceFile, Map.of("redis.streams", stream)));
      stack.run(
          sink,
          stack.example(
              file,
              Map.of(
                  "topics", stream,
                  "redis.stream", target,
                  "consumer.override.group.id", sink)));

      await().atMost(Duration.ofSeconds(60)).until(() -> redis.entries(target).size() == 1);
      assertThat(Redis.fields(redis.entries(target).get(0)))
          .containsEntry("claim_id", "CLM-1")
          .containsEntry("amount", "1.00")
          .containsEntry("schema_version", "2");
    } finally {
      stack.connect().delete(source);
      stack.connect().delete(sink);
    }
  }

  /** The topic is filled by the source, in the format that the sink's file asks for. */
  private void stateSinkWorks(String file) {
    String stream = Stack.unique("example");
    String source = Stack.unique("example");
    String sink = Stack.unique("example");
    String claim = Stack.unique("CLM");
    Topic topic = stack.topic(stream);
    stack.createTopics(Map.of(stream, 1));
    try (Redis redis = stack.redis()) {
      redis.add(stream, "type", "claim_submitted", "claim_id", claim, "amount", "1");
      stack.run(source, stack.example("claims-source.json", Map.of("redis.streams", stream)));
      stack.run(sink, stack.example(file, Map.of("topics", stream)));

      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(Replies.text(redis.call("HGET", "claim:" + claim, "amount")))
                      .isEqualTo("1.00"));

      topic.produce(claim, null);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> Long.valueOf(0).equals(redis.call("EXISTS", "claim:" + claim)));
    } finally {
      stack.connect().delete(source);
      stack.connect().delete(sink);
    }
  }

  @Test
  void theWorkerExampleEnablesWhatTheReadmePromises() throws IOException {
    Properties worker = new Properties();
    try (Reader file =
        Files.newBufferedReader(EXAMPLES.resolve("worker/connect-distributed.properties"))) {
      worker.load(file);
    }

    assertThat(worker)
        .containsEntry("exactly.once.source.support", "enabled")
        .containsEntry("plugin.discovery", "hybrid_warn")
        .containsEntry("connector.client.config.override.policy", "All");
  }
}
