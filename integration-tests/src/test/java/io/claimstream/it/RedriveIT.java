/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Dead letters put back by the script among the examples. */
class RedriveIT extends SourceTestBase {
  private final String failed = Stack.unique("claims:failed");
  private final String redriven = "claimstream:v1:redriven:{" + failed + "}";

  RedriveIT(Stack stack) {
    super(stack);
  }

  @Test
  void deadLettersThatArePutBackArriveOnceHoweverOftenTheyArePutBack() throws IOException {
    // given entries that a setting made bad, and one that is bad for good
    List<String> claims = redis.addClaims(stream, 20);
    redis.add(stream, "type", "t", "claim_id", "CLM-X", "amount", "much");
    start("errors.tolerance", "all", "redis.failed.stream", failed, "unknown.fields", "fail");
    await().atMost(PATIENCE).until(() -> redis.entries(failed).size() == 21);
    awaitNothingPending();
    assertThat(topic.records()).isEmpty();

    // when the setting is right and some are put back, then all of them, twice
    stack.connect().delete(connector); // so that no task with the old setting is left
    start("errors.tolerance", "all", "redis.failed.stream", failed);
    String third = redis.entries(failed).get(2).id().toString();
    assertThat(redrive("-", third, 100)).containsExactly(3L, 0L, 0L, "");
    assertThat(redrive("-", "+", 100, "error_message", "no such message"))
        .containsExactly(0L, 0L, 21L, "");
    assertThat(redrive("-", "+", 20)).startsWith(17L, 3L, 0L);
    assertThat(redrive("-", "+", 100)).startsWith(1L, 20L, 0L);
    assertThat(redrive("-", "+", 100)).startsWith(0L, 21L, 0L);

    // then each good one arrives once, as it was written
    topic.await(20);
    awaitNothingPending();
    assertThat(topic.records())
        .hasSize(20)
        .extracting(record -> json(record).path("claim_id").asText())
        .doesNotHaveDuplicates();
    assertThat(json(topic.records().get(0)).path("attributes").path("region").asText())
        .isEqualTo("north");
    assertThat(json(topic.records().get(0)).path("attributes").size()).isEqualTo(1);

    // and the history can be followed: dead letter, new entry, new dead letter
    List<StreamEntry> letters = redis.entries(failed);
    assertThat(letters).hasSize(22);
    Map<String, String> again = Redis.fields(letters.get(21));
    assertThat(again).containsEntry("claim_id", "CLM-X").containsEntry("amount", "much");
    assertThat(Replies.text(redis.call("HGET", redriven, letters.get(20).id())))
        .isEqualTo(again.get("error_id"));
    assertThat(Redis.fields(letters.get(0))).containsEntry("error_id", claims.get(0));
  }

  private List<@Nullable Object> redrive(String from, String to, int count, String... values)
      throws IOException {
    String script =
        Files.readString(Path.of(System.getProperty("examples", ""), "redrive/redrive.lua"));
    List<Object> arguments = new ArrayList<>(List.of(script, 3, failed, stream, redriven));
    arguments.addAll(List.of(from, to, count));
    arguments.addAll(List.of(values));
    return Replies.list(redis.call("EVAL", arguments.toArray())).stream()
        .<@Nullable Object>map(value -> value instanceof byte[] ? Replies.text(value) : value)
        .toList();
  }
}
