/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Whatever producers write, each entry is an event or a dead letter, and the task goes on. */
class HostileInputIT extends SourceTestBase {
  private static final int ENTRIES = Integer.getInteger("hostile.entries", 50_000);
  private static final int MIB = 1024 * 1024;

  private static final List<String> NUMBERS =
      List.of(
          "1e400000000",
          "1E-400000000",
          "-0.00",
          "+5",
          "0x1F",
          "١٢",
          "1,5",
          "1_000",
          "NaN",
          "Infinity",
          "-Infinity",
          "",
          " ",
          "999999999999999999.99",
          "0.001",
          "٣.١٤",
          "5000");
  private static final List<String> TIMES =
      List.of(
          "9999-12-31T23:59:59.999999999Z",
          "+1000000000-12-31T23:59:59Z",
          "0000-01-01T00:00:00Z",
          "2016-12-31T23:59:60Z",
          "2024-08-20T10:30:00+18:00",
          "2024-08-20T10:30:00",
          "yesterday",
          "-1",
          "99999999999999999999",
          "9223372036854775807",
          "0",
          "1724149800000",
          "2024-02-30T00:00:00Z",
          "2024-08-20T10:30:00Z");
  private static final List<String> VERSIONS =
      List.of("1", "2", "3", "0", "-1", "2.0", "two", "", "99999999999");
  private static final List<String> JSONS =
      List.of(
          "{}",
          "null",
          "[]",
          "{\"date\":\"2024-08-19\",\"kind\":\"WATER\"}",
          "{\"date\":1}",
          "{",
          "{\"date\":\"2024-08-19\",\"kind\":\"NONE_SUCH\"}",
          "[".repeat(20_000),
          "{\"place\":".repeat(2_000));

  private final String failed = Stack.unique("claims:failed");

  HostileInputIT(Stack stack) {
    super(stack);
  }

  @Test
  void everyEntryIsEitherAnEventOrADeadLetterAndTheWorkerStaysHealthy() {
    // given
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.printf("hostile: %d entries, test.seed=%d%n", ENTRIES, seed);
    Set<String> added = add(new Random(seed));

    // when
    start(
        "errors.tolerance", "all",
        "redis.failed.stream", failed,
        "transforms", "cast",
        "transforms.cast.type", "org.apache.kafka.connect.transforms.Cast$Value",
        "transforms.cast.spec", "customer_id:int32");
    await().atMost(PATIENCE.multipliedBy(3)).until(() -> read() == ENTRIES);
    awaitNothingPending();

    // then
    List<String> events = streamIds(topic.records());
    List<String> letters = new ArrayList<>();
    Map<String, Integer> stages = new TreeMap<>();
    for (StreamEntry letter : redis.entries(failed)) {
      Map<String, String> fields = Redis.fields(letter);
      letters.add(fields.get("error_id"));
      stages.merge(fields.get("error_stage"), 1, Integer::sum);
    }
    Set<String> both = new HashSet<>(events);
    both.retainAll(new HashSet<>(letters));
    Set<String> neither = new HashSet<>(added);
    events.forEach(neither::remove);
    letters.forEach(neither::remove);
    System.out.printf(
        "hostile: %d entries: %d events, %d dead letters %s, %d in both, %d in neither%n",
        added.size(), events.size(), letters.size(), stages, both.size(), neither.size());
    assertThat(both).as("seed %d: in both", seed).isEmpty();
    assertThat(neither).as("seed %d: in neither", seed).isEmpty();
    assertThat(events).as("seed %d", seed).doesNotHaveDuplicates().isNotEmpty();
    assertThat(letters).as("seed %d", seed).doesNotHaveDuplicates().isNotEmpty();
    assertThat(stages).containsKeys("decode", "transform_or_convert");

    // and it goes on
    String last = redis.add(stream, "type", "t", "claim_id", "c", "customer_id", "1");
    await().atMost(PATIENCE).until(() -> streamIds(topic.records()).contains(last));
  }

  /** How many entries the group has read. */
  private long read() {
    Object group = Replies.list(redis.call("XINFO", "GROUPS", stream)).get(0);
    return Replies.map(group).get("entries-read") instanceof Long count ? count : -1;
  }

  private Set<String> add(Random random) {
    Set<String> ids = new HashSet<>();
    List<List<Object>> batch = new ArrayList<>();
    for (int i = 0; i < ENTRIES; i++) {
      batch.add(i % 5_000 == 2_500 ? huge(random) : fields(random));
      if (batch.size() == 500 || i == ENTRIES - 1) {
        ids.addAll(redis.addAll(stream, batch));
        batch.clear();
      }
    }
    return ids;
  }

  private static List<Object> huge(Random random) {
    List<Object> fields = new ArrayList<>(List.of("type", "t", "claim_id", "c"));
    fields.add("scan");
    fields.add("s".repeat(2 * MIB + random.nextInt(3 * MIB)));
    return fields;
  }

  private static List<Object> fields(Random random) {
    List<Object> fields = new ArrayList<>();
    if (random.nextInt(20) != 0) {
      fields.addAll(List.of("claim_id", "CLM-" + random.nextInt(1_000)));
    }
    if (random.nextInt(20) != 0) {
      fields.addAll(List.of("type", "claim_submitted"));
    }
    fields.addAll(
        List.of("customer_id", random.nextInt(10) == 0 ? "CUST" : "" + random.nextInt(1_000)));
    switch (random.nextInt(14)) {
      case 0 -> fields.addAll(List.of("amount", oneOf(NUMBERS, random)));
      case 1 -> fields.addAll(List.of("timestamp", oneOf(TIMES, random)));
      case 2 -> fields.addAll(List.of("schema_version", oneOf(VERSIONS, random)));
      case 3 -> fields.addAll(List.of("schema_version", "2", "incident", oneOf(JSONS, random)));
      case 4 -> fields.addAll(List.of("note", noise(random, 1 + random.nextInt(64))));
      case 5 -> fields.addAll(List.of(noise(random, 1 + random.nextInt(8)), "v"));
      case 6 -> fields.addAll(List.of("claim_id", "twice"));
      case 7 ->
          fields.addAll(
              List.of(
                  "CLAIM_ID",
                  "x",
                  "claim_id ",
                  "y",
                  "claim\u0000_id",
                  "z",
                  "\ud87d\udf1a",
                  "\ud83d\ude00"));
      case 8 -> fields.addAll(List.of("control", "\u0000\u0001\u001b[31m\r\n\u2028\u202e\ufeff"));
      case 9 -> {
        for (int i = 0; i < (random.nextInt(20) == 0 ? 1_000 : 30); i++) {
          fields.addAll(List.of("f" + i, "" + i));
        }
      }
      case 10 -> fields.addAll(List.of("", ""));
      case 11 -> fields.addAll(List.of("stream_id", "0-1", "error_id", "0-1", "attributes", "{}"));
      case 12 -> {
        fields.clear();
        fields.addAll(List.of("x", ""));
      }
      default -> fields.addAll(List.of("amount", random.nextInt(10_000) + ".50"));
    }
    return fields;
  }

  private static byte[] noise(Random random, int length) {
    byte[] noise = new byte[length];
    random.nextBytes(noise);
    return random.nextBoolean()
        ? noise
        : new String(noise, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.UTF_8);
  }

  private static String oneOf(List<String> values, Random random) {
    return values.get(random.nextInt(values.size()));
  }
}
