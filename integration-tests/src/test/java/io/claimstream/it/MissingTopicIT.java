/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.stack.ConnectWorker;
import io.claimstream.stack.KafkaBroker;
import io.claimstream.stack.StackFiles;
import io.claimstream.stack.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Brokers that create no topics by themselves, unlike stock ones. */
@ExtendWith(Stack.class)
class MissingTopicIT {
  private static final Map<String, String> CREATES_NONE =
      Map.of("auto.create.topics.enable", "false");

  private final Stack stack;
  private final String stream = Stack.unique("claims:missing");

  MissingTopicIT(Stack stack) {
    this.stack = stack;
  }

  @Test
  void aTopicThatNobodyCreatesIsReportedWithinSecondsAndWaitedFor() throws IOException {
    Path folder = stack.directory(Stack.unique("missing-topic"));
    Map<String, String> settings = new HashMap<>(Stack.WORKER);
    settings.put("group.id", "missing");
    try (KafkaBroker kafka =
            KafkaBroker.start(StackFiles.locate(), folder.resolve("kafka"), 0, CREATES_NONE);
        ConnectWorker worker =
            ConnectWorker.start(
                StackFiles.locate(),
                folder.resolve("connect"),
                0,
                kafka.bootstrapServers(),
                stack.directory("plugins"),
                settings);
        Redis redis = stack.redis()) {
      // given a connector that does not ask Connect for its topic
      String missing = stream.replace(':', '.');
      List<String> ids = redis.addClaims(stream, 5);
      ObjectNode config =
          stack.example(
              "claims-source.json",
              Map.of(
                  "redis.streams",
                  stream,
                  "value.converter",
                  "org.apache.kafka.connect.json.JsonConverter",
                  "value.converter.schemas.enable",
                  "false"));
      config.properties().removeIf(setting -> setting.getKey().startsWith("topic.creation."));

      // when
      worker.rest().createOrUpdate("missing", config);

      // then
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> log(folder).contains("topic.creation.default"));
      assertThat(log(folder)).contains(missing);

      // and the task has only waited
      Topics.create(kafka.bootstrapServers(), Map.of(missing, 1));
      assertThat(SourceTestBase.streamIds(new Topic(kafka.bootstrapServers(), missing).await(5)))
          .containsExactlyElementsOf(ids);
      worker.rest().delete("missing");
    }
  }

  private static String log(Path folder) throws IOException {
    return Files.readString(folder.resolve("connect/connect.log"));
  }
}
