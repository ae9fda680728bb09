/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.it.QuickstartIT.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The state of claims at instants, as the running quickstart shows it, against a fold of the stream
 * in Redis that has nothing in common with the demo's. {@code -Pchaos} asks for more.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class ClaimAsOfIT {
  private static final int EVENTS = 3_000;
  private static final int PAIRS = Integer.getInteger("chaos.claims.pairs", 10);
  private static final int THREADS = 4;
  private static final int LONGEST_MINUTES = 15;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final long seed = Long.getLong("test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final HttpClient client = HttpClient.newHttpClient();

  private record Event(EntryId id, Map<String, String> fields) {
    String claim() {
      return String.valueOf(fields.get("claim_id"));
    }
  }

  private record Pair(String claim, Instant instant) {}

  private record Answer(int status, JsonNode body) {
    boolean isRefusal() {
      return status == 404 && body.path("message").asText().contains("no longer has every event");
    }
  }

  private record Tally(long right, long withSnapshot, long refused, List<String> wrong) {}

  @Test
  void anyClaimAtAnyInstantIsWhereItsEventsHadLeftIt() throws Exception {
    System.out.printf("claims as of instants: -Dtest.seed=%d%n", seed);
    Path folder = QuickstartIT.folder();
    Process process =
        QuickstartIT.start(
            LONGEST_MINUTES, folder, "--events", Integer.toString(EVENTS), "--rate", "200");
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      Matcher page =
          Pattern.compile("http://\\S+/")
              .matcher(QuickstartIT.readUntil(output, "Dashboard: +http://.*"));
      assertThat(page.find()).isTrue();
      String address = page.group();
      QuickstartIT.readUntil(output, "The stack stays up until Ctrl-C");
      JsonNode addresses = JSON.readTree(folder.resolve("addresses.json").toFile());
      String kafka = addresses.path("kafka").asText();
      try (Redis redis = new Redis(addresses.path("redis").asText())) {
        // as long as there are many snapshots of a claim
        List<Event> events = events(redis);
        Tally many = ask(address, pairs(events, PAIRS), events);
        report("many snapshots", many);
        assertThat(many.wrong()).as("seed %d", seed).isEmpty();
        assertThat(many.right()).isEqualTo(PAIRS);
        assertThat(many.withSnapshot()).isPositive();

        // when only the last one is left
        compact(redis, new Topic(kafka, "claims.snapshots"));
        Tally one = ask(address, pairs(events, PAIRS), events);
        report("compacted", one);
        assertThat(one.wrong()).as("seed %d", seed).isEmpty();
        assertThat(one.right()).isEqualTo(PAIRS);

        // when events are gone, too
        deleteHalf(kafka);
        Tally less = ask(address, pairs(events, PAIRS / 2), events);
        report("half of the topic deleted", less);
        assertThat(less.wrong()).as("seed %d", seed).isEmpty();
        assertThat(less.refused()).isPositive();
        assertThat(less.right()).isPositive();

        tellsWhatCannotBe(address, folder, events);
      }
    } finally {
      process.toHandle().destroy();
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  private void tellsWhatCannotBe(String page, Path folder, List<Event> events) throws Exception {
    Event last = events.get(events.size() - 1);
    Instant now = Instant.ofEpochMilli(last.id().millis());

    assertThat(get(page, new Pair(last.claim(), Instant.parse("2999-01-01T00:00:00Z"))).body())
        .asString()
        .contains("2999-01-01T00:00:00Z is in the future; the time in Redis is 20");
    assertThat(get(page, new Pair("CLM-1", now)).body())
        .asString()
        .contains("Kafka contains no event of claim CLM-1");
    assertThat(get(page, new Pair(last.claim(), Instant.EPOCH)).body())
        .asString()
        .contains("claim " + last.claim() + " has no event at 1970-01-01T00:00:00Z or before");

    Outcome shown = show(folder, last.claim(), now.toString());
    assertThat(shown.status()).as(shown.output()).isZero();
    assertThat(shown.output())
        .contains("Claim " + last.claim() + " as of " + now)
        .containsPattern("stream_id +" + last.id() + "\\R");
    Outcome early = show(folder, last.claim(), "2999-01-01T00:00:00Z");
    assertThat(early.status()).isEqualTo(1);
    assertThat(early.output())
        .startsWith("quickstart: 2999-01-01T00:00:00Z is in the future")
        .hasLineCount(1);
  }

  private static Outcome show(Path folder, String claim, String instant) throws Exception {
    return QuickstartIT.run(QuickstartIT.start(folder, "show", claim, "--as-of", instant));
  }

  /**
   * The claim with most events at its first one and at the end, the claim of the last event, and
   * others: half of them at an event of the claim or a millisecond beside it, half at any time.
   */
  private List<Pair> pairs(List<Event> events, int count) {
    long first = events.get(0).id().millis() - 1;
    Event lastEvent = events.get(events.size() - 1);
    long last = lastEvent.id().millis();
    List<Event> most =
        events.stream().collect(Collectors.groupingBy(Event::claim)).values().stream()
            .max(Comparator.comparingInt(List::size))
            .orElseThrow();
    List<Pair> pairs = new ArrayList<>();
    pairs.add(new Pair(most.get(0).claim(), Instant.ofEpochMilli(most.get(0).id().millis())));
    pairs.add(new Pair(most.get(0).claim(), Instant.ofEpochMilli(last)));
    pairs.add(new Pair(lastEvent.claim(), Instant.ofEpochMilli(last)));
    while (pairs.size() < count) {
      Event event = events.get(random.nextInt(events.size()));
      long millis =
          random.nextBoolean()
              ? Math.min(last, event.id().millis() - 1 + random.nextInt(3))
              : random.nextLong(first, last + 1);
      pairs.add(new Pair(event.claim(), Instant.ofEpochMilli(millis)));
    }
    return pairs;
  }

  private Tally ask(String page, List<Pair> pairs, List<Event> events) throws Exception {
    Map<String, List<Event>> byClaim = events.stream().collect(Collectors.groupingBy(Event::claim));
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<Answer>> answers = new ArrayList<>();
      for (Pair pair : pairs) {
        answers.add(threads.submit(() -> get(page, pair)));
      }
      long right = 0;
      long withSnapshot = 0;
      long refused = 0;
      List<String> wrong = new ArrayList<>();
      for (int i = 0; i < pairs.size(); i++) {
        Pair pair = pairs.get(i);
        Answer answer = answers.get(i).get();
        Map<String, String> expected =
            fold(byClaim.getOrDefault(pair.claim(), List.of()), pair.instant());
        if (answer.isRefusal()) {
          refused++;
        } else if (isRight(answer, expected)) {
          right++;
          withSnapshot += answer.body().path("start").asText().isEmpty() ? 0 : 1;
        } else {
          wrong.add(pair + ": expected " + expected + ", got " + answer);
        }
      }
      return new Tally(right, withSnapshot, refused, wrong);
    } finally {
      threads.shutdownNow();
    }
  }

  private static void report(String what, Tally tally) {
    System.out.printf(
        "claims as of instants, %s: %d right (%d from a snapshot), %d refused, %d wrong%n",
        what, tally.right(), tally.withSnapshot(), tally.refused(), tally.wrong().size());
  }

  private static boolean isRight(Answer answer, Map<String, String> expected) {
    if (expected.isEmpty()) {
      return answer.status() == 404
          && answer.body().path("message").asText().contains("has no event at");
    }
    return answer.status() == 200
        && JSON.convertValue(
                answer.body().path("state"), new TypeReference<Map<String, String>>() {})
            .equals(expected);
  }

  /** The claim by its entries in Redis: what each field was last. */
  private static Map<String, String> fold(List<Event> events, Instant instant) {
    Map<String, String> claim = new TreeMap<>();
    int count = 0;
    for (Event event : events) {
      if (event.id().millis() > instant.toEpochMilli()) {
        break;
      }
      Map<String, String> fields = event.fields();
      claim.put("claim_id", event.claim());
      claim.put("stream_id", event.id().toString());
      claim.put("events", Integer.toString(++count));
      claim.put("last_type", String.valueOf(fields.get("type")));
      for (String field : List.of("status", "customer_id", "policy_number")) {
        if (fields.containsKey(field)) {
          claim.put(field, String.valueOf(fields.get(field)));
        }
      }
      if (fields.containsKey("amount")) {
        claim.put("amount", String.valueOf(fields.get("amount")));
        claim.put("currency", fields.getOrDefault("currency", "EUR"));
      }
      claim.put("updated_at", String.valueOf(fields.get("timestamp")));
    }
    return claim;
  }

  private static List<Event> events(Redis redis) {
    List<Event> events = new ArrayList<>();
    for (StreamEntry entry : Replies.entries(redis.call("XRANGE", "claims:events", "-", "+"))) {
      events.add(new Event(entry.id(), Redis.fields(entry)));
    }
    return events;
  }

  /** Makes Kafka compact the snapshots, which it does not do to the newest part of a topic. */
  private static void compact(Redis redis, Topic snapshots) {
    snapshots.configure("segment.ms", "1000");
    snapshots.configure("min.cleanable.dirty.ratio", "0.001");
    for (int i = 0; i < 50; i++) { // some for each partition
      redis.add(
          "claims:events",
          "type",
          "claim_submitted",
          "claim_id",
          "CLM-9" + i,
          "timestamp",
          Instant.now().truncatedTo(ChronoUnit.MILLIS).toString(),
          "amount",
          i + ".50");
    }
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> snapshots(snapshots).values().stream().allMatch(count -> count == 1));
  }

  /** How many snapshots the topic has of each claim. */
  private static Map<String, Long> snapshots(Topic topic) {
    return topic.records().stream()
        .collect(
            Collectors.groupingBy(
                row -> new String(row.key(), StandardCharsets.UTF_8), Collectors.counting()));
  }

  /** Does what retention does. */
  private static void deleteHalf(String kafka) {
    Map<TopicPartition, RecordsToDelete> halves =
        new Topic(kafka, "claims.events")
            .records().stream()
                .collect(
                    Collectors.groupingBy(
                        row -> new TopicPartition(row.topic(), row.partition()),
                        Collectors.collectingAndThen(
                            Collectors.toList(),
                            rows ->
                                RecordsToDelete.beforeOffset(rows.get(rows.size() / 2).offset()))));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka))) {
      admin.deleteRecords(halves).all().toCompletionStage().toCompletableFuture().join();
    }
  }

  private Answer get(String page, Pair pair) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(page + "claim.json?id=" + pair.claim() + "&as-of=" + pair.instant()))
            .build();
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), JSON.readTree(response.body()));
  }
}
