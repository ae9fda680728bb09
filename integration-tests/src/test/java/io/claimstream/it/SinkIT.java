/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.stream.StreamEntry;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The sink through its front door: a JSON configuration posted to a real worker. */
class SinkIT extends SinkTestBase {

  SinkIT(Stack stack) {
    super(stack, 1);
  }

  @Test
  void aMapBecomesTheFlatFieldsOfAnEntryInTheOrderOfTheTopic() {
    // given
    for (int i = 0; i < 50; i++) {
      topic.produce(
          "k",
          json(
              "{\"n\":"
                  + i
                  + ",\"ok\":true,\"none\":null,\"nested\":{\"a\":[1,2]},\"text\":\"ä\"}"));
    }

    // when
    start();
    List<StreamEntry> entries = arrived(50);

    // then
    assertThat(entries).hasSize(50);
    for (int i = 0; i < 50; i++) {
      assertThat(Redis.fields(entries.get(i)))
          .isEqualTo(
              Map.of("n", String.valueOf(i), "ok", "true", "nested", "{\"a\":[1,2]}", "text", "ä"));
    }
  }

  @Test
  void aBadRecordGoesToTheDeadLetterQueueAndItsNeighboursArriveOnce() {
    // given
    topic.produce("k", json("{\"n\":0}"));
    topic.produce("k", json("{}"));
    topic.produce("k", json("{\"n\":1}"));

    // when
    start();
    List<StreamEntry> entries = arrived(2);

    // then
    assertThat(entries.stream().map(entry -> Redis.fields(entry).get("n")))
        .containsExactly("0", "1");
    assertThat(stack.topic(topic.name() + ".failed").await(1)).hasSize(1);
  }

  @Test
  void anOutageOfRedisLosesNothing() {
    // given
    int count = 3_000;
    start();
    Set<String> expected = new HashSet<>();

    // when Redis dies while records come
    for (int i = 0; i < count; i++) {
      expected.add(String.valueOf(i));
    }
    List<byte[]> values = expected.stream().map(n -> json("{\"n\":" + n + "}")).toList();
    topic.produce(values.subList(0, count / 2));
    stack.servers().redis().kill();
    topic.produce(values.subList(count / 2, count));
    stack.servers().redis().restart();

    // then
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              Set<String> numbers = new HashSet<>();
              arrived(count).forEach(entry -> numbers.add(Redis.fields(entry).get("n")));
              assertThat(numbers).isEqualTo(expected);
            });
    assertThat(stack.connect().status(connector).path("tasks").path(0).path("state").asText())
        .isEqualTo("RUNNING");
  }
}
