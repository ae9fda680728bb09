/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.client.Replies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A filter that drops a whole backlog, on a real worker with exactly-once support. */
class DroppedBacklogIT extends SourceTestBase {
  private static final int BACKLOG = 50_000;
  private static final int MOST = 2_000;
  private static final int READ = 500;

  DroppedBacklogIT(Stack stack) {
    super(stack);
  }

  private void startFilter(String... more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("records.in.flight.max", Integer.toString(MOST));
    settings.put("redis.read.count", Integer.toString(READ));
    settings.put("transforms", "drop");
    settings.put("transforms.drop.type", "org.apache.kafka.connect.transforms.Filter");
    settings.put("transforms.drop.predicate", "events");
    settings.put("predicates", "events");
    settings.put(
        "predicates.events.type",
        "org.apache.kafka.connect.transforms.predicates.TopicNameMatches");
    settings.put("predicates.events.pattern", "claims\\.events.*");
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    List<String> all = new ArrayList<>();
    settings.forEach((key, value) -> all.addAll(List.of(key, value)));
    start(all.toArray(String[]::new));
  }

  @Test
  void readingStopsAtTheLimitAndTheLogSaysHowToGoOn() {
    // given
    redis.addClaims(stream, BACKLOG);

    // when
    startFilter();

    // then
    await().atMost(PATIENCE).until(() -> !stack.log(stream, "records.in.flight.max").isEmpty());
    assertThat(stack.log(stream, "records.in.flight.max"))
        .hasSize(1)
        .first()
        .asString()
        .contains("WARN", GROUP, "" + MOST, "heartbeat.topic");
    await()
        .during(Duration.ofSeconds(5))
        .atMost(PATIENCE)
        .until(() -> redis.pending(stream, GROUP) <= MOST + 2 * READ);
    assertThat(redis.pending(stream, GROUP)).isGreaterThanOrEqualTo(MOST);
    assertThat(runs(stack.connect(), connector, 1)).isTrue();
  }

  @Test
  void heartbeatsMakeTheWorkerCommitWhatAFilterDrops() {
    // given
    Topic heartbeats = stack.topic(Stack.unique("heartbeats"));
    stack.createTopics(Map.of(heartbeats.name(), 1));
    redis.addClaims(stream, BACKLOG);
    String last = redis.add(stream, "type", "claim_paid", "claim_id", "last");

    // when
    startFilter("heartbeat.topic", heartbeats.name());

    // then
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(lastDelivered()).isEqualTo(last);
              assertThat(redis.pending(stream, GROUP)).isZero();
            });
    assertThat(heartbeats.records()).hasSizeBetween(BACKLOG / (2 * MOST), 2 * BACKLOG / MOST);
    assertThat(topic.records()).isEmpty();
    assertThat(runs(stack.connect(), connector, 1)).isTrue();
  }

  private String lastDelivered() {
    Object group = Replies.list(redis.call("XINFO", "GROUPS", stream)).get(0);
    return String.valueOf(Replies.text(Replies.map(group).get("last-delivered-id")));
  }
}
