/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.stack.ConnectRest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** What people do to the connectors. */
final class ConnectorFaults {
  /** How far Kafka's offsets of the sink are moved back, at most. */
  private static final int BACK = 500;

  private final SoakServers servers;
  private final SoakConnectors connectors;
  private final Random random;

  ConnectorFaults(SoakServers servers, SoakConnectors connectors, Random random) {
    this.servers = servers;
    this.connectors = connectors;
    this.random = random;
  }

  List<Fault> all() {
    return List.of(
        Fault.of("source: paused", 3, 500, () -> rest().pause(SOURCE), () -> resume(SOURCE)),
        Fault.of("sink: paused", 3, 500, () -> rest().pause(SINK), () -> resume(SINK)),
        Fault.of("source: stopped", 3, 300, () -> stop(SOURCE), () -> resume(SOURCE)),
        Fault.of("sink: stopped", 3, 300, () -> stop(SINK), () -> resume(SINK)),
        Fault.passing("source: restarted", 3, () -> restart(SOURCE)),
        Fault.passing("sink: restarted", 3, () -> restart(SINK)),
        Fault.passing("source: other batches", 3, this::otherReads),
        Fault.passing("sink: other batches and tasks", 3, this::otherWrites),
        Fault.of("source: a second consumer and back", 2, 1_000, this::two, this::one),
        Fault.passing("source: offsets patched to what they are", 2, this::patch),
        Fault.passing("sink: Kafka's offsets moved back", 3, this::moveBack));
  }

  private static final String SOURCE = SoakConnectors.SOURCE;
  private static final String SINK = SoakConnectors.SINK;

  private ConnectRest rest() {
    return connectors.rest();
  }

  private void resume(String connector) {
    rest().resume(connector);
    connectors.awaitRunning();
  }

  private void restart(String connector) {
    rest().restart(connector);
    connectors.awaitRunning();
  }

  private void stop(String connector) {
    rest().stop(connector);
    await(connector + " stopped")
        .atMost(SoakConnectors.PATIENCE)
        .ignoreExceptions() // a rebalance has no status
        .until(() -> isStopped(rest().status(connector)));
  }

  private static boolean isStopped(JsonNode status) {
    return status.at("/connector/state").asText().equals("STOPPED")
        && status.path("tasks").isEmpty();
  }

  private void otherReads() {
    ObjectNode config = connectors.source();
    config.put("redis.read.count", String.valueOf(20 + random.nextInt(500)));
    change(SOURCE, config);
  }

  private void otherWrites() {
    ObjectNode config = connectors.sink();
    config.put("redis.write.count", String.valueOf(20 + random.nextInt(500)));
    config.put("tasks.max", String.valueOf(1 + random.nextInt(3)));
    change(SINK, config);
  }

  private void two() {
    ObjectNode config = connectors.source();
    config.put("redis.consumers.per.stream", "2");
    config.put("tasks.max", "2");
    change(SOURCE, config);
    awaitSourceTasks(2);
  }

  /** Other faults must not meet two consumers, which may repeat entries. */
  private void one() {
    change(SOURCE, connectors.source());
    awaitSourceTasks(1);
  }

  private void awaitSourceTasks(int count) {
    await(count + " tasks of the source")
        .atMost(SoakConnectors.PATIENCE)
        .ignoreExceptions() // a rebalance has no status
        .until(() -> rest().status(SOURCE).path("tasks").size() == count);
    connectors.awaitRunning();
  }

  private void change(String connector, ObjectNode config) {
    rest().createOrUpdate(connector, config);
    connectors.awaitRunning();
  }

  private void patch() {
    stop(SOURCE);
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    ArrayNode kept = request.putArray("offsets");
    for (JsonNode offset : rest().offsets(SOURCE).path("offsets")) {
      // a second consumer's stays when there is one again, and cannot be patched then
      if (offset.at("/partition/consumer").asText().equals(SOURCE + "-0")) {
        kept.add(offset);
      }
    }
    await("offsets patched")
        .atMost(SoakConnectors.PATIENCE)
        .untilAsserted(
            () -> {
              ConnectRest.Response response =
                  rest().request("PATCH", "/connectors/" + SOURCE + "/offsets", request);
              // refused while the stream ends before it, which a master with another clock may do
              assertThat(response.isSuccess()).as(response.body().toString()).isTrue();
            });
    resume(SOURCE);
  }

  /** As kafka-consumer-groups does: the stored offsets in Redis stay where they are. */
  private void moveBack() {
    stop(SINK);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers.bootstrapServers()))) {
      await("offsets moved back")
          .atMost(SoakConnectors.PATIENCE)
          .ignoreExceptions() // the tasks may not have left the group yet
          .untilAsserted(() -> moveBack(admin));
    }
    resume(SINK);
  }

  private void moveBack(Admin admin) throws Exception {
    Map<TopicPartition, OffsetAndMetadata> moved = new HashMap<>();
    admin
        .listConsumerGroupOffsets(SoakConnectors.SINK_GROUP)
        .partitionsToOffsetAndMetadata()
        .get()
        .forEach(
            (partition, offset) ->
                moved.put(
                    partition,
                    new OffsetAndMetadata(Math.max(0, offset.offset() - random.nextInt(BACK)))));
    admin.alterConsumerGroupOffsets(SoakConnectors.SINK_GROUP, moved).all().get();
  }
}
