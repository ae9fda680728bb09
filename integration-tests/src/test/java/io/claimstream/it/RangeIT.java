/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.stack.Deviation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Ranges of a stream, read beside the connector that reads it through a group. {@code -Pchaos}
 * makes the test with kills longer.
 */
class RangeIT extends SourceTestBase {
  // the test holds the records of all four topics in memory
  private static final int ENTRIES = Math.min(100_000, Integer.getInteger("chaos.entries", 20_000));
  private static final int KILLS = Integer.getInteger("chaos.range.kills", 2);
  private static final int CLAIMS = 50;

  /** Between two batches of a hundred: the load lasts about as long as the kills. */
  private static final Duration PACE = Duration.ofMillis(KILLS * 800_000L / ENTRIES);

  private final List<String> ranges = new ArrayList<>();

  RangeIT(Stack stack) {
    super(stack);
  }

  @AfterEach
  void removeRanges() {
    ranges.forEach(stack.connect()::delete);
  }

  /** An entry as the test added it. */
  private record Added(String id, String claim) {}

  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void threeRangesBesideALiveConnectorEachHoldTheirEntriesOnceThoughWorkersAreKilled() {
    // given half of the entries, and a live connector that gets the rest while the ranges are read
    long seed = Long.getLong("test.seed", System.nanoTime());
    Random random = new Random(seed);
    List<Added> all = new ArrayList<>(add(ENTRIES / 2));
    List<String> live = new ArrayList<>(List.of("redis.read.count", "500"));
    Deviation.of(Deviation.Server.SOURCE_OF_KILLED_WORKERS)
        .forEach((name, value) -> live.addAll(List.of(name, value)));
    start(live.toArray(String[]::new));
    CompletableFuture<List<Added>> load =
        CompletableFuture.supplyAsync(() -> add(ENTRIES - ENTRIES / 2));

    // when one range is in the past, one follows the stream, and one follows two claims
    String from = all.get(ENTRIES / 10).id();
    String to = all.get(ENTRIES / 3).id();
    Topic part = range("redis.range.from", from, "redis.range.to", to);
    Topic whole = range();
    Topic claims = range("event.filter", "claim_id=CLM-7,claim_id=CLM-11");
    for (int kill = 0; kill < KILLS; kill++) {
      LockSupport.parkNanos(Duration.ofMillis(500 + random.nextInt(3_000)).toNanos());
      stack.servers().connect().kill();
      stack.servers().connect().restart();
      stack.connect().awaitRunning(connector, PATIENCE);
    }
    all.addAll(load.join());

    // then
    List<String> ids = all.stream().map(Added::id).toList();
    List<String> ofClaims =
        all.stream()
            .filter(added -> added.claim().equals("CLM-7") || added.claim().equals("CLM-11"))
            .map(Added::id)
            .toList();
    topic.await(ids.size(), Duration.ofMinutes(5));
    whole.await(ids.size(), Duration.ofMinutes(5));
    claims.await(ofClaims.size(), Duration.ofMinutes(5));
    List<String> ofPart = ids.subList(ENTRIES / 10, ENTRIES / 3 + 1);
    part.await(ofPart.size(), Duration.ofMinutes(5));
    System.out.printf(
        "ranges beside a live connector: %d entries, %d kills, records %d live, %d whole, %d of"
            + " claims, %d of a part, test.seed=%d%n",
        ids.size(),
        KILLS,
        topic.records().size(),
        whole.records().size(),
        claims.records().size(),
        part.records().size(),
        seed);
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(streamIds(whole.records())).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(streamIds(claims.records())).containsExactlyInAnyOrderElementsOf(ofClaims);
    assertThat(streamIds(part.records())).containsExactlyInAnyOrderElementsOf(ofPart);
    assertInOrder(whole.records(), ids);
    awaitNothingPending();
  }

  @Test
  void aReadOnlyUserOfAReplicaIsEnough() {
    // given
    try (RedisPair pair = new RedisPair(stack.directory(Stack.unique("pair")))) {
      List<String> ids;
      try (Redis master = pair.open()) {
        ids = master.addClaims(stream, 500);
      }
      pair.awaitReplication();
      try (Redis replica = new Redis(pair.replica().uri())) {
        List<Object> user = new ArrayList<>(List.of("SETUSER", "auditor", "on", ">secret"));
        user.addAll(PrivilegesIT.rights("claims-range"));
        user.remove("~claims:events");
        user.add("~" + stream);
        replica.call("ACL", user.toArray());
      }

      // when
      Topic read =
          range(
              "redis.uri",
              pair.replica().uri(),
              "redis.username",
              "auditor",
              "redis.password",
              "secret",
              "redis.range.to",
              ids.get(ids.size() - 1));

      // then
      assertThat(streamIds(read.await(ids.size()))).containsExactlyInAnyOrderElementsOf(ids);
      awaitLog("complete", ids.size() + " entries were read and " + ids.size() + " records");
    }
  }

  @Test
  void theOffsetsApiMovesARangeAndRefusesWhatIsNoneOfIts() {
    // given a range that has been read to its end
    List<String> ids = redis.addClaims(stream, 100);
    Topic read = range("redis.range.to", ids.get(99));
    String name = ranges.get(0);
    read.await(100);
    awaitLog(stream, "is complete");

    // when
    stack.connect().stop(name);
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> stack.connect().status(name).path("tasks").isEmpty());
    assertThatThrownBy(() -> stack.connect().patchOffsets(name, offset("other", ids.get(9))))
        .hasMessageContaining("400")
        .hasMessageContaining("this connector has no partition");
    assertThatThrownBy(() -> stack.connect().patchOffsets(name, offset(stream, "yesterday")))
        .hasMessageContaining("400")
        .hasMessageContaining("neither a stream id nor an ISO-8601 instant");
    stack.connect().patchOffsets(name, offset(stream, ids.get(89)));
    stack.connect().resume(name);

    // then the ten entries after that id are emitted once more
    assertThat(streamIds(read.await(110))).containsAll(ids).hasSize(110);
  }

  @Test
  void aReplayIntoTheTopicOfAnotherConnectorIsNeverADefault() {
    ObjectNode config = stack.example("claims-range-source.json", rangeSettings("x"));
    config.remove("topic");

    assertThatThrownBy(() -> stack.connect().createOrUpdate(Stack.unique("range"), config))
        .hasMessageContaining("400")
        .hasMessageContaining("topic");
  }

  private void awaitLog(String... words) {
    await().atMost(PATIENCE).until(() -> !stack.log(words).isEmpty());
  }

  private ObjectNode offset(String of, String id) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode entry = body.withArray("offsets").addObject();
    entry.putObject("partition").put("stream", of);
    entry.putObject("offset").put("id", id);
    return body;
  }

  /** Posts a connector for a range of the stream, and returns its topic. */
  private Topic range(String... settings) {
    String name = Stack.unique("range");
    Topic target = stack.topic(name);
    stack.createTopics(Map.of(target.name(), 3));
    stack.run(name, stack.example("claims-range-source.json", rangeSettings(name, settings)));
    ranges.add(name);
    return target;
  }

  private Map<String, String> rangeSettings(String target, String... settings) {
    Map<String, String> all = new HashMap<>();
    all.put("redis.streams", stream);
    all.put("topic", target);
    all.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    all.put("value.converter.schemas.enable", "false");
    all.putAll(Deviation.of(Deviation.Server.SOURCE_OF_KILLED_WORKERS));
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    return all;
  }

  private List<Added> add(int count) {
    List<Added> added = new ArrayList<>();
    try (Redis producer = stack.redis()) {
      for (int from = 0; from < count; from += 100) {
        List<List<Object>> entries = new ArrayList<>();
        List<String> claims = new ArrayList<>();
        for (int i = from; i < Math.min(count, from + 100); i++) {
          String claim = "CLM-" + (i % CLAIMS);
          claims.add(claim);
          entries.add(List.of("type", "claim_paid", "claim_id", claim, "amount", "1"));
        }
        List<String> ids = producer.addAll(stream, entries);
        for (int i = 0; i < ids.size(); i++) {
          added.add(new Added(ids.get(i), claims.get(i)));
        }
        LockSupport.parkNanos(PACE.toNanos());
      }
    }
    return added;
  }
}
