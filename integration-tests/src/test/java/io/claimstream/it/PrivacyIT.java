/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.claimstream.stack.ConnectWorker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Claims are personal data: whatever goes wrong, they and the password stay out of the logs. */
class PrivacyIT extends SourceTestBase {
  private static final String PASSWORD = "pw-" + UUID.randomUUID();
  private final String mark = UUID.randomUUID().toString().substring(0, 8);
  private final List<String> payload =
      List.of(
          "CLM-" + mark,
          "CUST-" + mark,
          "98" + Math.floorMod(mark.hashCode(), 1_000_000_000) + ".77",
          "n0-" + mark);

  PrivacyIT(Stack stack) {
    super(stack);
  }

  @Test
  void noLogOfAFailingRunHoldsPayloadOrPassword() throws IOException {
    // given a worker with logs of its own and a user with a password
    redis.call("ACL", "SETUSER", "private", "on", ">" + PASSWORD, "~*", "&*", "+@all");
    Topic analytics = stack.topic(Stack.unique("claims.analytics"));
    Topic deadLetters = stack.topic(analytics.name() + ".failed");
    stack.createTopics(Map.of(analytics.name(), 1, deadLetters.name(), 1));
    try (ConnectWorker worker = stack.worker(Map.of("group.id", Stack.unique("private")))) {
      // when bad and good entries go through a source that tolerates, one that does not, one whose
      // transform fails, and a sink; and Redis refuses a password
      addBadEntries();
      run(worker, "tolerant", settings(tolerant()));
      run(worker, "strict", settings("redis.group", "strict", "topic", topic.name()));
      Map<String, String> failing = settings(tolerant());
      failing.put("redis.group", "failing");
      failing.put("transforms", "cast");
      failing.put("transforms.cast.type", "org.apache.kafka.connect.transforms.Cast$Value");
      failing.put("transforms.cast.spec", "customer_id:int32");
      run(worker, "failing", failing);
      String sink = runSink(worker, analytics, deadLetters);
      analytics.produce(
          payload.get(0),
          ("{\"amount\":\"" + payload.get(2) + "\"}").getBytes(StandardCharsets.UTF_8));
      analytics.produce(payload.get(0), "{}".getBytes(StandardCharsets.UTF_8));
      deadLetters.await(1);
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(
              () ->
                  worker
                      .rest()
                      .status(connector + "strict")
                      .path("tasks")
                      .path(0)
                      .path("state")
                      .asText()
                      .equals("FAILED"));
      await().atMost(PATIENCE).until(() -> redis.pending(stream, GROUP) == 0);
      await().atMost(PATIENCE).until(() -> redis.pending(stream, "failing") == 0);
      redis.call("CLIENT", "KILL", "USER", "private");
      topic.await(1);

      // then
      assertThat(redis.entries(stream + ":failed")).isNotEmpty();
      for (String connectorName : List.of("tolerant", "strict", "failing")) {
        worker.rest().delete(connector + connectorName);
      }
      worker.rest().delete(sink);
    }
    assertThat(linesWith(payload)).isEmpty();
    assertThat(linesWith(List.of(PASSWORD))).isEmpty();
  }

  @Test
  void contentIsLoggedOnRequestOnly() throws IOException {
    // given
    addBadEntries();
    try (ConnectWorker worker = stack.worker(Map.of("group.id", Stack.unique("open")))) {
      Map<String, String> open = settings(tolerant());
      open.put("errors.log.enable", "true");
      open.put("errors.log.include.messages", "true");
      run(worker, "open", open);

      // when
      await().atMost(PATIENCE).ignoreExceptions().until(() -> redis.pending(stream, GROUP) == 0);
      topic.await(1);
      worker.rest().delete(connector + "open");
    }

    // then
    assertThat(linesWith(payload)).anyMatch(line -> line.contains("Dead-lettered: entry"));
  }

  private void addBadEntries() {
    redis.add(stream, "type", "t", "claim_id", payload.get(0), "amount", payload.get(3));
    redis.add(stream, "type", "t", "customer_id", payload.get(1), "amount", payload.get(2));
    redis.add(stream, "type", "t", "claim_id", payload.get(0), "timestamp", payload.get(3));
    redis.add(stream, "schema_version", payload.get(3), "claim_id", payload.get(0));
    redis.add(
        stream, "schema_version", "2", "claim_id", payload.get(0), "incident", payload.get(3));
    redis.add(stream, "type", "t", "claim_id", payload.get(0), "customer_id", payload.get(1));
    // Connect tells of what was dropped when the next record gets through
    redis.add(stream, "type", "t", "claim_id", payload.get(0), "customer_id", "1");
  }

  private String[] tolerant() {
    return new String[] {
      "errors.tolerance",
      "all",
      "redis.failed.stream",
      stream + ":failed",
      "redis.username",
      "private",
      "redis.password",
      PASSWORD,
      "topic",
      topic.name()
    };
  }

  private void run(ConnectWorker worker, String suffix, Map<String, String> settings) {
    worker.rest().createOrUpdate(connector + suffix, stack.example("claims-source.json", settings));
  }

  private String runSink(ConnectWorker worker, Topic from, Topic deadLetters) {
    Map<String, String> settings = new HashMap<>();
    settings.put("topics", from.name());
    settings.put("redis.stream", stream + ":analytics");
    settings.put("redis.failed.stream", stream + ":failed");
    settings.put("redis.username", "private");
    settings.put("redis.password", PASSWORD);
    settings.put("consumer.override.group.id", connector);
    settings.put("errors.deadletterqueue.topic.name", deadLetters.name());
    settings.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    settings.put("value.converter.schemas.enable", "false");
    String name = connector + "sink";
    worker.rest().createOrUpdate(name, stack.example("claims-analytics-sink.json", settings));
    return name;
  }

  /** The lines of all servers' logs that hold one of these words. */
  private List<String> linesWith(List<String> words) throws IOException {
    try (Stream<Path> files = Files.walk(stack.directory(""))) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(".log"))
          .filter(file -> !file.toString().contains("/data/"))
          .filter(Files::isRegularFile)
          .flatMap(PrivacyIT::lines)
          .filter(line -> words.stream().anyMatch(line::contains))
          .toList();
    }
  }

  private static Stream<String> lines(Path file) {
    try {
      // Kafka's own segments end in .log, too: they are no text and hold what they should
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).lines();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
