/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.stack.ConnectWorker;
import io.claimstream.stack.FreePorts;
import io.claimstream.stack.KafkaBroker;
import io.claimstream.stack.StackFiles;
import io.claimstream.stack.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A broker that dies after it has answered a commit, and before it has written it everywhere. */
@ExtendWith(Stack.class)
class HangingTransactionIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String GROUP = "claims-processors";
  private static final String SOURCE = "hanging";

  private final Stack stack;
  private final String stream = Stack.unique("claims:hanging");

  HangingTransactionIT(Stack stack) {
    this.stack = stack;
  }

  /** A broker that writes the end of a transaction through a proxy, as to another broker. */
  private static KafkaBroker broker(Path folder, int port, int markerPort, int proxyPort) {
    int controller = FreePorts.free();
    String place = "127.0.0.1:";
    return KafkaBroker.start(
        StackFiles.locate(),
        folder.resolve("kafka"),
        port,
        Map.of(
            "controller.quorum.voters",
            "1@" + place + controller,
            "listeners",
            "PLAINTEXT://%s%d,MARKERS://%s%d,CONTROLLER://%s%d"
                .formatted(place, port, place, markerPort, place, controller),
            "advertised.listeners",
            "PLAINTEXT://%s%d,MARKERS://%s%d".formatted(place, port, place, proxyPort),
            "inter.broker.listener.name",
            "MARKERS",
            "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT,MARKERS:PLAINTEXT,CONTROLLER:PLAINTEXT"));
  }

  @Test
  void entriesOfATransactionThatHasToBeAbortedAfterItsCommitAreReadAgain() {
    Path folder = stack.directory(Stack.unique("hanging"));
    int port = FreePorts.free();
    int markerPort = FreePorts.free();
    String topic = stream.replace(':', '.');
    try (MarkerGate markers = new MarkerGate(markerPort);
        KafkaBroker kafka = broker(folder, port, markerPort, markers.port());
        ConnectWorker worker = worker(folder, kafka);
        Redis redis = stack.redis()) {
      // given an entry that was acknowledged, and whose commit is not written in the topics
      Topics.create(kafka.bootstrapServers(), Map.of(topic, 3));
      List<String> ids = new ArrayList<>(redis.addClaims(stream, 100));
      worker.rest().createOrUpdate(SOURCE, source());
      Topic events = new Topic(kafka.bootstrapServers(), topic);
      events.await(100);
      await().atMost(PATIENCE).until(() -> redis.pending(stream, GROUP) == 0);
      markers.shut();
      long size = events.size();
      ids.addAll(redis.addClaims(stream, 1));
      await()
          .atMost(PATIENCE)
          .until(() -> events.size() > size && redis.pending(stream, GROUP) == 0);
      ids.addAll(redis.addClaims(stream, 50));

      // when
      kafka.kill();
      markers.open();
      kafka.start();

      // then
      HangingTransactions hanging = new HangingTransactions(kafka.bootstrapServers());
      List<String> topics = List.of(topic, "_hanging-connect-offsets");
      await()
          .atMost(PATIENCE)
          .ignoreExceptions() // the broker may not answer yet
          .until(
              () -> {
                hanging.abort(topics); // nothing with a broker that does not leave any behind
                return events.records().size() >= ids.size();
              });
      await().atMost(PATIENCE).until(() -> redis.pending(stream, GROUP) == 0);
      assertThat(SourceTestBase.streamIds(events.records()))
          .containsExactlyInAnyOrderElementsOf(ids);
      worker.rest().delete(SOURCE);
    }
  }

  private ObjectNode source() {
    return stack.example(
        "claims-source.json",
        Map.of(
            "redis.streams",
            stream,
            "value.converter",
            "org.apache.kafka.connect.json.JsonConverter",
            "value.converter.schemas.enable",
            "false"));
  }

  private ConnectWorker worker(Path folder, KafkaBroker kafka) {
    Map<String, String> settings = new HashMap<>(Stack.WORKER);
    settings.put("group.id", "hanging");
    return ConnectWorker.start(
        StackFiles.locate(),
        folder.resolve("connect"),
        0,
        kafka.bootstrapServers(),
        stack.directory("plugins"),
        settings);
  }
}
