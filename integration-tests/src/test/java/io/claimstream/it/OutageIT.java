/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Redis or Kafka away while both connectors work. {@code -Pchaos} makes it last a minute. */
class OutageIT extends SourceTestBase {
  private static final Duration OUTAGE =
      Duration.ofSeconds(Integer.getInteger("chaos.outage.seconds", 5));

  private final String sink = Stack.unique("sink");
  private final String target = Stack.unique("claims:analytics");

  OutageIT(Stack stack) {
    super(stack);
  }

  @AfterEach
  void removeSink() {
    stack.connect().delete(sink);
  }

  /** What arrives in the topic goes back into a stream. */
  private void startSink() {
    Map<String, String> config = new HashMap<>();
    config.put("topics", topic.name());
    config.put("redis.stream", target);
    config.put("consumer.override.group.id", sink);
    config.put("consumer.override.max.poll.records", "100");
    config.put("errors.tolerance", "none");
    config.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    config.put("value.converter.schemas.enable", "false");
    stack.run(sink, stack.example("claims-analytics-sink.json", config));
  }

  @Test
  void anOutageOfRedisIsWaitedOutByBothWithoutFloodingTheLog() {
    // given
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 3_000));
    start("redis.read.count", "100");
    startSink();
    await().atMost(PATIENCE).until(() -> Long.valueOf(3_000).equals(redis.call("XLEN", target)));
    long lines = problems();

    // when
    stack.servers().redis().kill();
    // something for the sink to be stuck with
    topic.produce("c", "{\"claim_id\":\"c\",\"stream_id\":\"0-7\"}".getBytes(UTF_8));
    ids.add("0-7");
    Instant end = Instant.now().plus(OUTAGE);
    await()
        .atMost(OUTAGE.plusSeconds(10))
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> {
              assertThat(taskStates()).containsOnly("RUNNING");
              return Instant.now().isAfter(end);
            });
    stack.servers().redis().restart();

    // then
    try (Redis again = stack.redis()) {
      ids.addAll(again.addClaims(stream, 1_000));
      await()
          .atMost(PATIENCE)
          .until(() -> Long.valueOf(ids.size()).equals(again.call("XLEN", target)));
      assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
      assertThat(again.entries(target))
          .extracting(entry -> Redis.fields(entry).get("stream_id"))
          .containsExactlyInAnyOrderElementsOf(ids);
    }
    assertThat(taskStates()).containsOnly("RUNNING");
    assertThat(problems() - lines)
        .as("lines logged as problems of the two connectors")
        .isBetween(2L, 12 + OUTAGE.toSeconds());
  }

  @Test
  void aRestartOfTheBrokerIsWaitedOutByBoth() {
    // given
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 1_000));
    start("redis.read.count", "100");
    startSink();
    topic.await(500);

    // when
    stack.servers().kafka().kill();
    ids.addAll(redis.addClaims(stream, 1_000));
    stack.servers().kafka().restart();

    // then
    topic.await(ids.size(), Duration.ofMinutes(3));
    awaitNothingPending();
    await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () -> {
              assertThat(taskStates()).doesNotContain("FAILED");
              return Long.valueOf(ids.size()).equals(redis.call("XLEN", target));
            });
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(taskStates()).containsOnly("RUNNING");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stopAndDeleteAnswerWhileRedisIsOut(boolean frozen) {
    // given a Redis that refuses connections, or one that takes them and never answers
    redis.addClaims(stream, 500);
    start();
    startSink();
    topic.await(500);
    if (frozen) {
      stack.servers().redis().pause();
    } else {
      stack.servers().redis().kill();
    }

    try {
      // when, then
      for (String name : List.of(connector, sink)) {
        assertThat(answerTime("PUT", "/connectors/" + name + "/stop"))
            .isLessThan(Duration.ofSeconds(5));
        assertThat(answerTime("DELETE", "/connectors/" + name)).isLessThan(Duration.ofSeconds(5));
      }
    } finally {
      if (frozen) {
        stack.servers().redis().resume();
      } else {
        stack.servers().redis().restart();
      }
    }
  }

  @Test
  void anOutageLongerThanTheRetryTimeoutFailsTheTaskAndARestartGoesOn() {
    // given
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 100));
    start("errors.retry.timeout", "2000", "errors.retry.delay.max.ms", "500");
    topic.await(100);

    // when
    stack.servers().redis().kill();
    String trace;
    try {
      trace = failure();
    } finally {
      stack.servers().redis().restart();
    }

    // then
    assertThat(trace).contains("errors.retry.timeout", stream, "No data is lost");
    try (Redis again = stack.redis()) {
      ids.addAll(again.addClaims(stream, 100));
      stack.connect().request("POST", "/connectors/" + connector + "/tasks/0/restart", null);
      assertThat(streamIds(topic.await(200))).containsExactlyInAnyOrderElementsOf(ids);
    }
  }

  private Duration answerTime(String method, String path) {
    Instant start = Instant.now();
    assertThat(stack.connect().request(method, path, null).isSuccess()).isTrue();
    return Duration.between(start, Instant.now());
  }

  private List<String> taskStates() {
    return List.of(connector, sink).stream()
        .flatMap(
            name ->
                StreamSupport.stream(
                    stack.connect().status(name).path("tasks").spliterator(), false))
        .map((JsonNode task) -> task.path("state").asText())
        .toList();
  }

  /** Lines at WARN and above, and the rest of their stack traces, that name one of the two. */
  private long problems() {
    return stack
        .workerLog()
        .lines()
        .filter(
            line -> line.contains(" WARN ") || line.contains(" ERROR ") || line.startsWith("\tat "))
        .filter(
            line -> line.startsWith("\tat ") || line.contains(connector) || line.contains(target))
        .count();
  }
}
