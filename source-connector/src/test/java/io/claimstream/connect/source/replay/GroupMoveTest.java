/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.StartPosition;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroupMoveTest {
  private static final String LANES = "claimstream:v1:consumers:{a}:g:c";

  private final FakeRedis redis = new FakeRedis(new FakeClock());
  private final GroupMove move = new GroupMove(redis, "c", 2, StartPosition.parse("0"), true);

  /**
   * Ten entries, eight delivered: to two consumers of the connector, a former one and another
   * program's.
   */
  @BeforeEach
  void fill() {
    for (int i = 1; i <= 10; i++) {
      redis.call("XADD", "a", i + "-0", "claim_id", i);
    }
    redis.call("XGROUP", "CREATE", "a", "g", "0");
    for (String consumer : new String[] {"c-0", "c-1", "c-9", "somebody"}) {
      redis.call("XREADGROUP", "GROUP", "g", consumer, "COUNT", 2, "STREAMS", "a", ">");
    }
    redis.call("SET", LANES, "2 - - -");
    redis.call("SET", owner("c-9"), 5);
  }

  private static String owner(String consumer) {
    return "claimstream:v1:owner:{a}:g:" + consumer;
  }

  private static ReplayRequest to(Object... streamsAndIds) {
    Map<ConsumerGroup, Optional<EntryId>> positions = new LinkedHashMap<>();
    for (int i = 0; i < streamsAndIds.length; i += 2) {
      String id = String.valueOf(streamsAndIds[i + 1]);
      positions.put(
          new ConsumerGroup(String.valueOf(streamsAndIds[i]), "g"),
          id.equals("reset") ? Optional.empty() : Optional.of(EntryId.parse(id)));
    }
    return new ReplayRequest(positions);
  }

  private String position(String stream) {
    Object group = Replies.list(redis.call("XINFO", "GROUPS", stream)).get(0);
    return String.valueOf(Replies.text(Replies.map(group).get("last-delivered-id")));
  }

  private long pending(String consumer) {
    return Replies.list(redis.call("XPENDING", "a", "g", "-", "+", 100, consumer)).size();
  }

  @Test
  void theGroupIsMovedAndPendingEntriesOfTheConnectorsConsumersAreDropped() {
    move.apply(to("a", "3-0"));

    assertThat(position("a")).isEqualTo("3-0");
    assertThat(pending("c-0") + pending("c-1") + pending("c-9")).isZero();
    assertThat(pending("somebody")).isEqualTo(2);
    assertThat(redis.call("EXISTS", LANES)).isEqualTo(0L);
  }

  @Test
  void pendingEntriesOfAnotherProgramsConsumerAreKeptThoughItIsNamedLikeAFormerConsumer() {
    // given
    redis.call("XREADGROUP", "GROUP", "g", "c-8", "COUNT", 2, "STREAMS", "a", ">");

    // when
    move.apply(to("a", "10-0"));

    // then
    assertThat(pending("c-8")).isEqualTo(2);
    assertThat(pending("c-9")).isZero();
  }

  @Test
  void aGroupThatAnotherConnectorReadsInIsNotMoved() {
    // given
    redis.call("XADD", "b", "5-0", "claim_id", "1");
    redis.call("XGROUP", "CREATE", "b", "g", "$");
    redis.call("SET", owner("other-0"), 5);
    redis.call("XREADGROUP", "GROUP", "g", "other-0", "COUNT", 1, "STREAMS", "a", ">");

    // when, then
    assertThatThrownBy(() -> move.apply(to("b", "3-0", "a", "3-0")))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("consumer 'other-0' of another connector")
        .hasMessageContaining("redis.group");
    assertThat(position("a")).isEqualTo("9-0");
    assertThat(position("b")).isEqualTo("5-0");
    assertThat(pending("c-0")).isEqualTo(2);
  }

  @Test
  void aConnectorWhoseOwnerKeyWasDeletedDoesNotPreventAMove() {
    // given
    redis.call("SET", owner("other-0"), 5);
    redis.call("XREADGROUP", "GROUP", "g", "other-0", "COUNT", 1, "STREAMS", "a", ">");
    assertThatThrownBy(() -> move.apply(to("a", "3-0"))).hasMessageContaining(owner("other-0"));

    // when
    redis.call("DEL", owner("other-0"));
    move.apply(to("a", "3-0"));

    // then
    assertThat(position("a")).isEqualTo("3-0");
    assertThat(pending("other-0")).isEqualTo(1);
  }

  @Test
  void doingItTwiceChangesNothing() {
    move.apply(to("a", "3-0"));
    move.apply(to("a", "3-0"));

    assertThat(position("a")).isEqualTo("3-0");
    assertThat(pending("somebody")).isEqualTo(2);
  }

  @Test
  void aResetGoesToTheStartPosition() {
    move.apply(to("a", "reset"));

    assertThat(position("a")).isEqualTo("0-0");
  }

  @Test
  void aMissingGroupIsCreatedAtTheRequestedPosition() {
    redis.call("XGROUP", "DESTROY", "a", "g");

    move.apply(to("a", "3-0"));

    assertThat(position("a")).isEqualTo("3-0");
  }

  @Test
  void anIdBeyondTheEndOfOneStreamMovesNone() {
    // given
    redis.call("XADD", "b", "5-0", "claim_id", "1");
    redis.call("XGROUP", "CREATE", "b", "g", "$");

    // when, then
    assertThatThrownBy(() -> move.apply(to("a", "3-0", "b", "6-0")))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("stream 'b': id 6-0 is past the stream's last entry 5-0");
    assertThat(position("a")).isEqualTo("8-0");
    assertThat(pending("c-0")).isEqualTo(2);
  }

  @Test
  void aCrashInTheMiddleDropsNoEntryThatIsNotReadAgain() {
    // given
    redis.faults(FaultPlan.once(1, FaultPlan.named("XACK"), Fault.Break.BEFORE_EXECUTION));

    // when
    assertThatThrownBy(() -> move.apply(to("a", "0-0"))).isInstanceOf(RedisOutageException.class);

    // then
    assertThat(position("a")).isEqualTo("0-0");
    assertThat(pending("c-0")).isEqualTo(2);
  }

  @Test
  void aStreamThatWasDeletedAndMustNotBeCreatedHasNoGroupToMove() {
    // given a stream that a pattern found
    GroupMove ofPattern = new GroupMove(redis, "c", 2, StartPosition.parse("0"), false);
    redis.call("DEL", "a");

    // when
    ofPattern.apply(to("a", "3-0"));

    // then only the state beside it is forgotten
    assertThat(redis.call("EXISTS", "a")).isEqualTo(0L);
    assertThat(redis.call("EXISTS", LANES)).isEqualTo(0L);
    assertThat(redis.call("EXISTS", owner("c-9"))).isEqualTo(1L);
  }
}
