/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tasks that go on from the recorded state of a release. What they leave must be of the recorded
 * formats, so that the release can go on from it in turn.
 */
class RecordedStateTest extends Scenario {
  private static final String RECORDED = "/state/0.1.0.tsv";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ID = "\\d+-\\d+";

  /** The format of each purpose, by the part of the key after the version. */
  private static final Map<String, String> FORMATS =
      Map.of(
          "owner",
          "\\d+ \\d+",
          "consumers",
          "\\d+ (ID|-) (ID ID|- -)".replace("ID", ID),
          "takeover",
          "\\d+",
          "commit",
          "(ID|-) \\d+ ID \\d+".replace("ID", ID),
          "epoch",
          "\\d+ ID( \\d+ ID)*".replace("ID", ID));

  @BeforeEach
  void restore() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(RecordedStateTest.class.getResourceAsStream(RECORDED))) {
      for (String line : new String(in.readAllBytes(), UTF_8).lines().toList()) {
        String[] parts = line.split("\t", -1);
        switch (parts[0]) {
          case "redis" -> redis.call("SET", parts[1], parts[2]);
          case "connect" -> connect.store(json(parts[1]), json(parts[2]));
          default -> assertThat(line).startsWith("#");
        }
      }
    }
  }

  private static Map<String, Object> json(String text) throws IOException {
    return JSON.readValue(text, new TypeReference<Map<String, Object>>() {});
  }

  /** Checks what the tests leave, since the release must be able to go on from it. */
  @AfterEach
  void whatIsLeftIsOfTheRecordedFormats() {
    List<String> keys = new ArrayList<>();
    String cursor = "0";
    do {
      List<?> page = Replies.list(redis.call("SCAN", cursor, "MATCH", "claimstream:*"));
      Replies.list(page.get(1)).forEach(key -> keys.add(String.valueOf(Replies.text(key))));
      cursor = String.valueOf(Replies.text(page.get(0)));
    } while (!cursor.equals("0"));
    assertThat(keys)
        .isNotEmpty()
        .allSatisfy(
            key -> {
              String[] parts = key.split(":", 4);
              assertThat(parts[1]).isEqualTo("v1");
              assertThat(Replies.text(redis.call("GET", key)))
                  .as(key)
                  .matches(FORMATS.getOrDefault(parts[2], "unknown purpose"));
            });
    assertThat(connect.offsets().values())
        .allSatisfy(
            offset -> {
              assertThat(Set.of("id", "epoch")).containsAll(offset.keySet());
              assertThat(EntryId.parse(String.valueOf(offset.get("id")))).isNotNull();
              assertThat(offset.getOrDefault("epoch", 1L)).isInstanceOf(Number.class);
            });
  }

  @Test
  void pendingEntriesThatKafkaHasAreOnlyAcknowledged() {
    pending("claims:events", "c-0", 4);

    goOn("claims:events");

    assertThat(committed("claims:events")).containsExactly(3, 4, 5);
  }

  @Test
  void anOffsetOfAnEarlierEpochSaysNothingOfReusedIds() {
    pending("{claims}:epoch", "c-0", 2);

    goOn("{claims}:epoch");

    assertThat(committed("{claims}:epoch")).containsExactly(2, 3);
  }

  @Test
  void anOffsetOfTheLastEpochCounts() {
    pending("claims:later", "c-0", 3);

    goOn("claims:later");

    assertThat(committed("claims:later")).containsExactly(3, 4);
  }

  @Test
  void offsetsOfSeveralConsumersAreInDoubtOnlyAsFarAsItIsNoted() {
    pending("claims:shared", "c-0", 2);
    redis.call(
        "XADD", "claims:shared", id(3), "claim_id", "C-3"); // of the third consumer, as the next
    redis.call("XADD", "claims:shared", id(4), "claim_id", "C-4");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-1", "STREAMS", "claims:shared", ">");

    List<SimulatedTask> tasks =
        startTasks(1, "redis.streams", "claims:shared", "redis.consumers.per.stream", "3");
    run(tasks.toArray(SimulatedTask[]::new));

    // the doubt is about 2 and 3, and the second consumer's offset is above it
    assertThat(committed("claims:shared")).containsExactly(2);
    assertThat(pendingOf("claims:shared")).isZero();
  }

  @Test
  void aTakeoverBatchThatKafkaHasInPartIsFinished() {
    pending("claims:taken", "c-takeover", 3);

    goOn("claims:taken");

    assertThat(committed("claims:taken")).containsExactlyInAnyOrder(3, 4);
  }

  @Test
  void aTakeoverBatchAfterTheOneOfTheOffsetIsEmitted() {
    pending("claims:next", "c-takeover", 3);

    goOn("claims:next");

    assertThat(committed("claims:next")).containsExactlyInAnyOrder(1, 2, 3, 4);
  }

  private static String id(int n) {
    return "1724149800000-" + n;
  }

  /** Entries 1 to that number, all pending for the consumer. */
  private void pending(String stream, String consumer, int count) {
    for (int n = 1; n <= count; n++) {
      redis.call("XADD", stream, id(n), "claim_id", "C-" + n);
    }
    redis.call("XGROUP", "CREATE", stream, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, consumer, "STREAMS", stream, ">");
  }

  /** Adds an entry, and reads with one consumer for as long as there is anything. */
  private void goOn(String stream) {
    Object last = Replies.map(redis.call("XINFO", "STREAM", stream)).get("last-generated-id");
    EntryId next = EntryId.parse(String.valueOf(Replies.text(last))).next();
    redis.call("XADD", stream, next, "claim_id", "C-new");
    SimulatedTask task = start("redis.streams", stream);
    run(task);
    assertThat(task.failure()).isEmpty();
    assertThat(pendingOf(stream)).isZero();
  }

  private long pendingOf(String stream) {
    return (Long) Replies.list(redis.call("XPENDING", stream, GROUP)).get(0);
  }

  private List<Integer> committed(String stream) {
    return IntStream.range(0, connect.committed().size())
        .mapToObj(i -> connect.committed().get(i))
        .map(record -> Integer.valueOf(record.substring((stream + "/1724149800000-").length())))
        .toList();
  }
}
