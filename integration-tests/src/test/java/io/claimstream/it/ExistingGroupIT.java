/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A connector that Connect has no offsets of meets a group that exists, as after a loss of Kafka.
 */
class ExistingGroupIT extends SourceTestBase {
  private static final String USED_AS_IT_IS = "exists and is used unchanged";
  private static final String AHEAD = "and Connect has no offset for this connector: entries up to";

  private static final String CREATED_EMPTY = "did not exist and was created empty";

  private List<String> ids;

  ExistingGroupIT(Stack stack) {
    super(stack);
  }

  /** Ten entries that somebody has read and acknowledged, and ten that nobody has. */
  @BeforeEach
  void makeTheGroup() {
    ids = redis.addClaims(stream, 20);
    redis.call("XGROUP", "CREATE", stream, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "former", "COUNT", 10, "STREAMS", stream, ">");
    ids.subList(0, 10).forEach(id -> redis.call("XACK", stream, GROUP, id));
  }

  @Test
  void givenOnlyNewEntriesWereAskedForThenOneWarningSaysThatOlderOnesAreRead() {
    start("redis.start.id", "$");

    assertThat(streamIds(topic.await(10))).containsExactlyInAnyOrderElementsOf(ids.subList(10, 20));
    assertThat(stack.log(stream, "WARN", USED_AS_IT_IS, "at position " + ids.get(9))).hasSize(1);
    assertThat(stack.log(stream, AHEAD)).isEmpty();
  }

  @Test
  void givenSeveralConsumersThenOneOfThemWarnsAndTheWayToStartOverWorks() {
    // given
    start("redis.consumers.per.stream", "3", "tasks.max", "3");
    assertThat(streamIds(topic.await(10))).containsExactlyInAnyOrderElementsOf(ids.subList(10, 20));
    await().atMost(PATIENCE).until(() -> stack.log(stream, "WARN", AHEAD).size() == 1);

    // when
    startOver(connector + "-0", connector + "-1", connector + "-2");

    // then
    assertThat(streamIds(topic.await(30))).contains(ids.toArray(String[]::new));
    assertThat(stack.log(stream, "WARN", AHEAD)).hasSize(1);
  }

  @Test
  void givenTheConnectorsOwnGroupThenARestartWithoutOffsetsSaysNothing() {
    // given
    redis.call("XGROUP", "DESTROY", stream, GROUP);
    start("redis.start.id", "$");

    // when nothing has come, so there is no offset
    stack.connect().restart(connector);
    stack.connect().awaitRunning(connector, PATIENCE);
    String added = redis.addClaims(stream, 1).get(0);

    // then
    assertThat(streamIds(topic.await(1))).containsExactly(added);
    assertThat(stack.log(stream, "WARN", USED_AS_IT_IS)).isEmpty();
  }

  @Test
  void givenAStreamThatDoesNotExistThenOneWarningSaysThatItWasCreatedEmpty() {
    // given a misspelled or not yet written stream
    redis.call("DEL", stream);

    // when
    start();
    await().atMost(PATIENCE).until(() -> !stack.log(stream, "WARN", CREATED_EMPTY).isEmpty());
    String added = redis.addClaims(stream, 1).get(0);

    // then
    assertThat(streamIds(topic.await(1))).containsExactly(added);
    assertThat(stack.log(stream, "WARN", CREATED_EMPTY)).hasSize(1);
  }
}
