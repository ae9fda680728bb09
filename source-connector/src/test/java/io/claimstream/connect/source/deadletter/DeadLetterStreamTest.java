/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.deadletter.FailedStream;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.redis.retry.OutageBreaker;
import io.claimstream.connect.redis.retry.RetryLimits;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.source.lane.LaneConnections;
import io.claimstream.connect.source.metrics.StreamMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Dead letters in a Cluster with the two streams on different nodes, and on one node. */
class DeadLetterStreamTest {
  private static final String STREAM = "claims:events";
  private static final String FAILED = "claims:failed";
  private static final String CONSUMER = "c-0";
  private static final String OWNER = "owner";

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final List<String> opened = new ArrayList<>();
  private final RedisConnections connections =
      key -> {
        opened.add(key);
        return redis.open(key);
      };
  private final LaneConnections lane =
      new LaneConnections(
          connections,
          STREAM,
          new OutageBreaker(
              "lane", new RetryLimits(Optional.empty(), Duration.ofSeconds(10)), clock.steady()));
  private final DeadLetterStream cluster = deadLetters(true);
  private final DeadLetterStream oneNode = deadLetters(false);

  private DeadLetterStream deadLetters(boolean isCluster) {
    return new DeadLetterStream(
        new FailedStream(FAILED, OptionalLong.empty()),
        isCluster,
        lane,
        connections,
        new EntryOrigin(STREAM, "g", "c", "0"),
        new StreamMetrics(UnpublishedMetrics.task(), STREAM, "g", TaskClock.system()),
        clock);
  }

  @BeforeEach
  void read() {
    for (int i = 1; i <= 100; i++) {
      redis.call("XADD", STREAM, i + "-0", "claim_id", i);
    }
    redis.call("XGROUP", "CREATE", STREAM, "g", "0");
    redis.call("XREADGROUP", "GROUP", "g", CONSUMER, "STREAMS", STREAM, ">");
    redis.call("SET", OWNER, 5);
    lane.fences().owned(CONSUMER, OWNER, 5);
  }

  private static void move(DeadLetterStream deadLetters, int id) {
    deadLetters.move(
        CONSUMER, StreamEntry.of(new EntryId(id, 0), "claim_id", "CLM-" + id), Failure.DROPPED);
  }

  private @Nullable Object failed() {
    return redis.call("XLEN", FAILED);
  }

  private @Nullable Object pending() {
    return Replies.list(redis.call("XPENDING", STREAM, "g")).get(0);
  }

  @Test
  void manyDeadLettersToAnotherNodeTakeOneConnectionToEachOfTheTwo() {
    for (int i = 1; i <= 100; i++) {
      move(cluster, i);
    }

    assertThat(failed()).isEqualTo(100L);
    assertThat(pending()).isEqualTo(0L);
    // more only if this machine paused for a second between two of them
    assertThat(opened.size()).isLessThan(10);
    cluster.close();
    assertThat(redis.openConnections()).isZero();
  }

  @Test
  void afterAnOutageTheOtherNodeIsReconnected() {
    // given
    move(cluster, 1);
    redis.faults(FaultPlan.once(1, FaultPlan.named("XADD"), Fault.Break.BEFORE_EXECUTION));
    assertThatThrownBy(() -> move(cluster, 2)).isInstanceOf(RedisOutageException.class);
    opened.clear();

    // when
    move(cluster, 2);

    // then
    assertThat(opened).containsExactlyInAnyOrder(STREAM, FAILED);
    assertThat(failed()).isEqualTo(2L);
  }

  @Test
  void aNewerOwnersEntryIsNotDeadLetteredEvenWithoutATransaction() {
    redis.call("SET", OWNER, 6);

    assertThatThrownBy(() -> move(cluster, 1))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("consumer 'c-0'", "is owned by a newer task");
    assertThat(redis.call("EXISTS", FAILED)).isEqualTo(0L);
    assertThat(pending()).isEqualTo(100L);
  }

  @Test
  void anOwnerThatAppearsBetweenTheCheckAndTheMovePreventsTheMove() {
    // given
    redis.faults(
        command -> {
          if (command.name().equals("MULTI")) {
            redis.call("SET", OWNER, 6);
          }
          return null;
        });

    // when, then
    assertThatThrownBy(() -> move(oneNode, 1)).hasMessageContaining("is owned by a newer task");
    assertThat(redis.call("EXISTS", FAILED)).isEqualTo(0L);
    assertThat(pending()).isEqualTo(100L);
  }

  @Test
  void anEntryStaysPendingWhereTheDeadLetterStreamIsNoStreamThoughNothingCanBeTakenBack() {
    // given
    redis.call("SET", FAILED, "somebody else's");
    redis.faults(FaultPlan.once(1, FaultPlan.named("XCLAIM"), Fault.Break.BEFORE_EXECUTION));

    // when, then
    assertThatThrownBy(() -> move(oneNode, 1))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining(FAILED)
        .hasMessageContaining("WRONGTYPE");
    assertThat(pending()).isEqualTo(100L);
  }

  @Test
  void eachDeadLetterAfterTheFirstTakesOneRoundTrip() {
    // given
    move(oneNode, 1);
    List<String> commands = new ArrayList<>();
    redis.faults(
        command -> {
          commands.add(command.name());
          return null;
        });

    // when
    move(oneNode, 2);
    move(oneNode, 3);

    // then no check precedes the move
    assertThat(commands)
        .startsWith("MULTI", "XADD", "XACK", "EXEC", "WATCH", "GET", "MULTI")
        .hasSize(12);
  }

  @Test
  void anOwnerThatAppearsBetweenTwoMovesPreventsTheSecond() {
    // given
    move(oneNode, 1);

    // when
    redis.call("SET", OWNER, 6);

    // then
    assertThatThrownBy(() -> move(oneNode, 2)).hasMessageContaining("is owned by a newer task");
    assertThat(failed()).isEqualTo(1L);
  }

  @Test
  void aReconnectWithTheSameGenerationFencesNothing() {
    // given
    move(oneNode, 1);

    // when
    redis.call("SET", OWNER, 5);
    move(oneNode, 2);

    // then
    assertThat(failed()).isEqualTo(2L);
  }

  @Test
  void aLostOwnerKeyFencesNothing() {
    redis.call("DEL", OWNER);

    move(oneNode, 1);

    assertThat(failed()).isEqualTo(1L);
  }

  @Test
  void onlyTheOwnerMarksAnEntryAsUnwritten() {
    redis.call("SET", OWNER, 6);

    assertThatThrownBy(() -> oneNode.markUnwritten(CONSUMER, new EntryId(1, 0)))
        .hasMessageContaining("is owned by a newer task");
    assertThat(oneNode.unwritten(List.of(new EntryId(1, 0)))).isEmpty();
  }
}
