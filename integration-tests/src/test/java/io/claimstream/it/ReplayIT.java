/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.stack.ConnectRest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Replaying through Connect's offsets API. */
class ReplayIT extends SourceTestBase {

  ReplayIT(Stack stack) {
    super(stack);
  }

  private ObjectNode offset(String consumer, String id) {
    return offsetsAt(id, consumer);
  }

  private ConnectRest.Response patch(ObjectNode body) {
    return stack.connect().request("PATCH", "/connectors/" + connector + "/offsets", body);
  }

  private List<String> delivered(int count, String... settings) {
    List<String> ids = redis.addClaims(stream, count);
    start(settings);
    topic.await(count);
    awaitNothingPending();
    stack.connect().stop(connector);
    awaitState("STOPPED");
    return ids;
  }

  @Test
  void aPatchedIdReplaysWhatComesAfterItAndTwiceChangesNothing() {
    // given
    List<String> ids = delivered(100);

    // when
    ObjectNode after39 = offset(connector + "-0", ids.get(39));
    assertThat(patch(after39).status()).isEqualTo(200);
    assertThat(patch(after39).status()).isEqualTo(200);
    stack.connect().resume(connector);

    // then
    List<String> expected = new ArrayList<>(ids);
    expected.addAll(ids.subList(40, 100));
    assertThat(streamIds(topic.await(160))).containsExactlyInAnyOrderElementsOf(expected);
    awaitNothingPending();
    assertThat(topic.records()).hasSize(160);
  }

  @Test
  void anInstantReplaysFromThereAlthoughTheGroupWasLostBeforeTheNextStart() {
    // given entries of three minutes, in Kafka
    Instant noon = Instant.parse("2026-11-30T12:00:00Z");
    for (int minute = 0; minute < 3; minute++) {
      long millis = noon.plusSeconds(60L * minute).toEpochMilli();
      redis.call("XADD", stream, millis + "-0", "type", "t", "claim_id", "first");
      redis.call("XADD", stream, millis + "-1", "type", "t", "claim_id", "second");
    }
    start();
    List<String> ids = streamIds(topic.await(6));
    awaitNothingPending();
    stack.connect().stop(connector);
    awaitState("STOPPED");

    // when
    String instant = noon.plusSeconds(60).toString();
    assertThat(patch(offset(connector + "-0", instant)).status()).isEqualTo(200);
    assertThat(stack.connect().offsets(connector).at("/offsets/0/offset/id").asText())
        .isEqualTo(instant);
    redis.call("XGROUP", "DESTROY", stream, GROUP);
    stack.connect().resume(connector);

    // then
    List<String> again = streamIds(topic.await(10)).subList(6, 10);
    assertThat(again).containsExactlyInAnyOrderElementsOf(ids.subList(2, 6));
    awaitNothingPending();
    assertThat(topic.records()).hasSize(10);
    assertThat(redis.call("XADD", stream, "*", "type", "t", "claim_id", "new")).isNotNull();
    assertThat(topic.await(11)).hasSize(11);
  }

  @Test
  void deletedOffsetsReplayFromTheStart() {
    // given
    List<String> ids = delivered(50);

    // when
    stack.connect().deleteOffsets(connector);
    stack.connect().resume(connector);

    // then
    List<String> expected = new ArrayList<>(ids);
    expected.addAll(ids);
    assertThat(streamIds(topic.await(100))).containsExactlyInAnyOrderElementsOf(expected);
    awaitNothingPending();
  }

  @Test
  void deletedOffsetsReplayFromTheStartAlthoughConnectHasNone() {
    // given offsets that were lost, with a group that is at the end of its stream
    List<String> ids = delivered(20);
    stack.connect().deleteOffsets(connector);
    redis.call("XGROUP", "SETID", stream, GROUP, ids.get(19));

    // when
    stack.connect().deleteOffsets(connector);
    stack.connect().resume(connector);

    // then
    List<String> expected = new ArrayList<>(ids);
    expected.addAll(ids);
    assertThat(streamIds(topic.await(40))).containsExactlyInAnyOrderElementsOf(expected);
    awaitNothingPending();
  }

  @Test
  void severalLanesReplayTogetherFromOneId() {
    // given
    List<String> ids = delivered(60, "tasks.max", "2", "redis.consumers.per.stream", "2");
    ObjectNode both = offset(connector + "-0", ids.get(39));
    ((ArrayNode) both.path("offsets"))
        .add(offset(connector + "-1", ids.get(39)).path("offsets").path(0));

    // when
    assertThat(message(patch(offset(connector + "-0", ids.get(39)))))
        .contains("all consumers of the stream must get the same id")
        .contains(connector + "-1");
    assertThat(patch(both).status()).isEqualTo(200);
    stack.connect().resume(connector);

    // then
    List<String> expected = new ArrayList<>(ids);
    expected.addAll(ids.subList(40, 60));
    topic.await(80);
    awaitNothingPending();
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void aWrongRequestNamesTheMistakeAndMovesNothing() {
    // given
    List<String> ids = delivered(10);

    // when, then
    assertThat(message(patch(offset("somebody", ids.get(3)))))
        .contains("no partition")
        .contains("somebody")
        .contains(connector + "-0");
    assertThat(message(patch(offset(connector + "-0", "yesterday"))))
        .contains("'yesterday': it is neither a stream id nor an ISO-8601 instant");
    assertThat(message(patch(offset(connector + "-0", "1724149800"))))
        .contains("looks like seconds since 1970");
    assertThat(message(patch(offset(connector + "-0", "99999999999999-0"))))
        .contains("past the stream's last entry " + ids.get(9));

    assertThat(message(patch(changed(ids.get(3), "partition", "stream", "elsewhere"))))
        .contains("no partition", "elsewhere", stream);
    assertThat(message(patch(changed(ids.get(3), "partition", "topic", "t"))))
        .contains("stream, group and consumer", "topic");
    assertThat(message(patch(changed(ids.get(3), "offset", "position", "5-0"))))
        .contains("only the key 'id'", "position");
    ObjectNode number = offset(connector + "-0", "");
    ((ObjectNode) number.at("/offsets/0/offset")).put("id", 5);
    assertThat(message(patch(number))).contains("'id' of an offset must be a string");
    ObjectNode none = offset(connector + "-0", "");
    ((ObjectNode) none.at("/offsets/0")).putObject("offset");
    assertThat(message(patch(none))).contains("only the key 'id'");

    stack.connect().resume(connector);
    awaitState("RUNNING");
    assertThat(message(patch(offset(connector + "-0", ids.get(3))))).contains("STOPPED");
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void aReplayThatAnotherConnectorWouldShareIsRefused() {
    // given two connectors in one group
    List<String> ids = delivered(20);
    String other = Stack.unique("other");
    stack.run(other, stack.example("claims-source.json", settings()));
    try {
      redis.call("XADD", stream, "*", "type", "t", "claim_id", "later");
      topic.await(21);

      // when, then
      assertThat(message(patch(offset(connector + "-0", ids.get(9)))))
          .contains("'" + other + "-0' of another connector", "redis.group");
    } finally {
      stack.connect().delete(other);
    }

    // and it is done when the other one is gone
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              redis.call("DEL", ownerKey(other + "-0")); // its task may still be ending
              return patch(offset(connector + "-0", ids.get(9))).status() == 200;
            });
    stack.connect().resume(connector);
    assertThat(streamIds(topic.await(32))).containsAll(ids);
  }

  /** A task that a bad entry among good ones has failed, of a connector that is stopped then. */
  private List<String> stoppedAtABadEntry() {
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 5));
    ids.add(redis.add(stream, "type", "t", "claim_id", "c", "amount", "much"));
    ids.addAll(redis.addClaims(stream, 5));
    stack.connect().createOrUpdate(connector, stack.example("claims-source.json", settings()));
    assertThat(failure()).contains(ids.get(5));
    stack.connect().stop(connector);
    awaitState("STOPPED");
    return ids;
  }

  /** The way of the operations guide. */
  @Test
  void anEntryThatIsAcknowledgedByHandWhileTheConnectorIsStoppedIsSkippedAlone() {
    // given
    List<String> ids = stoppedAtABadEntry();

    // when
    assertThat(redis.call("XACK", stream, GROUP, ids.get(5))).isEqualTo(1L);
    stack.connect().resume(connector);

    // then
    List<String> others = new ArrayList<>(ids);
    others.remove(5);
    assertThat(streamIds(topic.await(10))).containsExactlyInAnyOrderElementsOf(others);
    awaitNothingPending();
    assertThat(topic.records()).hasSize(10);
  }

  @Test
  void anOffsetAtABadEntrySkipsEverythingUpToIt() {
    // given
    List<String> ids = stoppedAtABadEntry();
    assertThat(topic.records()).hasSize(5);

    // when
    assertThat(patch(offset(connector + "-0", ids.get(5))).status()).isEqualTo(200);
    stack.connect().resume(connector);

    // then
    List<String> others = new ArrayList<>(ids);
    others.remove(5);
    assertThat(streamIds(topic.await(10))).containsExactlyInAnyOrderElementsOf(others);
    awaitNothingPending();
    assertThat(topic.records()).hasSize(10);
  }

  /** The same request with one more key, or another value of one. */
  private ObjectNode changed(String id, String part, String key, String value) {
    ObjectNode body = offset(connector + "-0", id);
    ((ObjectNode) body.at("/offsets/0/" + part)).put(key, value);
    return body;
  }

  private static String message(ConnectRest.Response refused) {
    assertThat(refused.status()).as(refused.body().toString()).isEqualTo(400);
    return refused.body().path("message").asText();
  }
}
