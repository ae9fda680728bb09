/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Dead letters put back by the script among the examples. */
class RedriveIT extends SourceTestBase {
  private final String failed = Stack.unique("claims:failed");
  private final String redriven = "claimstream:v1:redriven:{" + stream + "}";

  RedriveIT(Stack stack) {
    super(stack);
  }

  /** So that every entry of {@link Redis#addClaims} is a bad one. */
  private void startWithACause() {
    start("errors.tolerance", "all", "redis.failed.stream", failed, "unknown.fields", "fail");
  }

  private void startWithoutTheCause() {
    stack.connect().delete(connector); // so that no task with the old setting is left
    start("errors.tolerance", "all", "redis.failed.stream", failed);
  }

  private void awaitLetters(int count) {
    await().atMost(PATIENCE).until(() -> redis.entries(failed).size() == count);
    awaitNothingPending();
  }

  @Test
  void deadLettersThatArePutBackArriveOnceHoweverOftenTheyArePutBack() throws IOException {
    // given entries that a setting made bad, and one that is bad for good
    List<String> claims = redis.addClaims(stream, 20);
    redis.add(stream, "type", "t", "claim_id", "CLM-X", "amount", "much");
    startWithACause();
    awaitLetters(21);
    assertThat(topic.records()).isEmpty();

    // when the setting is right and some are put back, then all of them, twice
    startWithoutTheCause();
    String third = redis.entries(failed).get(2).id().toString();
    assertThat(redrive("-", third, 100)).contains("put back: 3", "put back before: 0");
    assertThat(redrive("-", "+", 100, "where", "error_message", "no such message"))
        .contains("put back: 0", "left out, other values: 21", "go on after: nothing");
    String twentieth = redis.entries(failed).get(19).id().toString();
    assertThat(redrive("-", "+", 20))
        .contains("put back: 17", "put back before: 3", "go on after: " + twentieth);
    assertThat(redrive("(" + twentieth, "+", 20)).contains("put back: 1", "put back before: 0");
    awaitLetters(22);

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
    Map<String, String> again = Redis.fields(letters.get(21));
    assertThat(again).containsEntry("claim_id", "CLM-X").containsEntry("amount", "much");
    assertThat(Replies.text(redis.call("HGET", redriven, errorId(letters.get(20)))))
        .isEqualTo(errorId(letters.get(21)));
    assertThat(Redis.fields(letters.get(0))).containsEntry("error_id", claims.get(0));
  }

  @Test
  void whileTheCauseLastsOnlyTheNewestDeadLetterOfEachEntryIsPutBack() throws IOException {
    // given entries whose dead letters were put back too early, and then replayed
    redis.addClaims(stream, 5);
    startWithACause();
    awaitLetters(5);
    assertThat(redrive("-", "+", 100)).contains("put back: 5");
    awaitLetters(10);
    startOver(connector + "-0");
    awaitLetters(20);

    // when
    assertThat(redrive("-", "+", 100)).contains("put back: 5", "put back before: 15");
    awaitLetters(25);
    startWithoutTheCause();
    assertThat(redrive("-", "+", 100)).contains("put back: 5", "put back before: 20");

    // then
    topic.await(5);
    awaitNothingPending();
    assertThat(redrive("-", "+", 100)).contains("put back: 0", "put back before: 25");
    assertThat(topic.records())
        .hasSize(5)
        .extracting(record -> json(record).path("claim_id").asText())
        .containsExactlyInAnyOrder("CLM-0", "CLM-1", "CLM-2", "CLM-3", "CLM-4");
    assertThat(redis.entries(failed)).hasSize(25);
  }

  @Test
  void aWrongValueIsCorrectedWhenItIsPutBack() throws IOException {
    // given
    redis.add(stream, "type", "t", "claim_id", "CLM-1", "amount", "much", "note", "n", "note", "m");
    redis.add(stream, "type", "t", "claim_id", "CLM-2", "amount", "more");
    start("errors.tolerance", "all", "redis.failed.stream", failed);
    awaitLetters(2);

    // when
    assertThat(
            redrive(
                "-",
                "+",
                100,
                words(
                    "where claim_id CLM-1 set amount 5000 set customer_id CUST-1 unset note"
                        + " unset other")))
        .contains("put back: 1", "left out, other values: 1");

    // then
    Map<String, String> event = Redis.fields(redis.entries(stream).get(2));
    assertThat(event)
        .containsExactly(
            Map.entry("type", "t"),
            Map.entry("claim_id", "CLM-1"),
            Map.entry("amount", "5000"),
            Map.entry("customer_id", "CUST-1"));
    assertThat(json(topic.await(1).get(0)).path("claim_id").asText()).isEqualTo("CLM-1");

    // and what is put back without any field is left where it is
    assertThat(redrive("-", "+", 100, words("unset type unset claim_id unset amount")))
        .contains("put back: 0", "put back before: 1", "left out, no fields or more than 3,900: 1");
  }

  @Test
  void whatIsNotOfThisStreamOrOfTheSinkIsCounted() throws IOException {
    // given
    redis.add(
        failed,
        (Object[])
            words(
                "error_stage sink error_connector c error_topic t error_partition 0 error_offset 7"
                    + " error_stream claims:analytics error_class E error_message m error_time now"));
    redis.add(failed, (Object[]) words("header.__connect.errors.topic t value b64"));
    redis.add(
        failed, (Object[]) words("claim_id c error_stream elsewhere error_id 1-0 error_group g"));

    // when, then
    assertThat(redrive("-", "+", 100))
        .containsExactly(
            "put back: 0",
            "put back before: 0",
            "left out, other values: 0",
            "left out, of another stream: 1",
            "left out, of the sink: 2",
            "left out, no fields or more than 3,900: 0",
            "go on after: nothing");
    assertThat(redis.call("EXISTS", stream, redriven)).isEqualTo(0L);
  }

  @Test
  void aWordThatIsNoneOfTheThreeIsRefusedBeforeAnythingIsPutBack() {
    redis.add(failed, (Object[]) words("claim_id c error_stream " + stream + " error_id 1-0"));

    for (String wrong : List.of("error_stage decode", "where error_stage", "set amount", "unset")) {
      assertThatThrownBy(() -> redrive("-", "+", 100, words(wrong)))
          .hasMessageContaining("expected 'where <field> <value>'")
          .hasMessageContaining("not '" + words(wrong)[0] + "'");
    }
    assertThat(redis.call("EXISTS", stream, redriven)).isEqualTo(0L);
  }

  private static String[] words(String text) {
    return text.split(" ");
  }

  private static String errorId(StreamEntry letter) {
    return String.valueOf(Redis.fields(letter).get("error_id"));
  }

  private List<String> redrive(String from, String to, int count, String... words)
      throws IOException {
    String script =
        Files.readString(Path.of(System.getProperty("examples", ""), "redrive/redrive.lua"));
    List<Object> arguments = new ArrayList<>(List.of(script, 3, failed, stream, redriven));
    arguments.addAll(List.of(from, to, count));
    arguments.addAll(List.of(words));
    return Replies.list(redis.call("EVAL", arguments.toArray())).stream()
        .map(line -> String.valueOf(Replies.text(line)))
        .toList();
  }
}
