/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cost of a task's streams to each other, in round trips and in time. */
class ManyStreamsTest {
  private static final Duration ROUND_TRIP = Duration.ofMillis(10);
  private static final String BUSY = "s49";
  private static final int STREAMS = 50;
  private static final int BATCH = 16;

  private final FakeClock clock = new FakeClock();
  private final FakeRedis near = new FakeRedis(clock);
  private final DistantRedis redis = new DistantRedis(near, clock, ROUND_TRIP);
  private SimulatedConnect connect = new SimulatedConnect(redis, clock, true);

  private SimulatedTask start(int streams, boolean exactlyOnce) {
    connect = new SimulatedConnect(redis, clock, exactlyOnce);
    return start(streams);
  }

  private SimulatedTask start(int streams) {
    Map<String, String> connector = new HashMap<>();
    connector.put("name", "c");
    connector.put(
        "redis.streams",
        IntStream.rangeClosed(STREAMS - streams, STREAMS - 1)
            .mapToObj(i -> "s" + i)
            .collect(Collectors.joining(",")));
    connector.put("redis.read.block.ms", "1");
    connector.put("redis.read.count", Integer.toString(BATCH));
    connector.put("errors.retry.delay.max.ms", "100");
    connector.put("event.format", "generic");
    connect.turnsTake(Duration.ZERO);
    return connect.start(connector, 1).get(0);
  }

  private List<String> add(String stream, int count) {
    List<String> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      added.add(
          stream + "/" + Replies.text(near.call("XADD", stream, "*", "claim_id", "CLM-" + i)));
    }
    return added;
  }

  /** Polls until all streams are connected and have nothing to read. */
  private static void settle(SimulatedTask task) {
    for (int i = 0; i < 2 * STREAMS; i++) {
      task.turn();
    }
  }

  private Duration timed(Runnable action) {
    Instant begin = clock.steady().instant();
    action.run();
    return Duration.between(begin, clock.steady().instant());
  }

  private void pollUntilCommitted(SimulatedTask task, int records) {
    for (int i = 0; i < 1_000 && connect.committed().size() < records; i++) {
      task.poll();
      task.commit();
      task.tell();
    }
  }

  @Test
  void aBusyStreamWaitsForOneRoundTripPerBatchHoweverManyQuietOnesAreBesideIt() {
    // given
    SimulatedTask task = start(STREAMS);
    settle(task);
    int batches = 40;
    List<String> added = add(BUSY, batches * BATCH);

    // when
    Duration took = timed(() -> pollUntilCommitted(task, added.size()));

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(took).isLessThanOrEqualTo(ROUND_TRIP.multipliedBy(batches + 4));
  }

  @Test
  void allStreamsThatGetSomethingAreReadInTheSameRoundTrips() {
    // given
    SimulatedTask task = start(STREAMS);
    settle(task);
    int added = 0;
    for (int i = 0; i < STREAMS; i++) {
      added += add("s" + i, 1).size();
    }
    int all = added;

    // when
    Duration took = timed(() -> pollUntilCommitted(task, all));

    // then
    assertThat(took).isLessThanOrEqualTo(ROUND_TRIP.multipliedBy(3));
  }

  @Test
  void anEntryThatComesWhileAllStreamsAreQuietIsReadAtOnce() {
    // given
    SimulatedTask task = start(STREAMS);
    settle(task);

    // when
    add("s20", 1);
    Duration took = timed(() -> pollUntilCommitted(task, 1));

    // then
    assertThat(connect.committed()).hasSize(1);
    assertThat(took).isLessThanOrEqualTo(ROUND_TRIP.multipliedBy(3));
  }

  @Test
  void aBacklogThatTakesAsLongToConvertAsTheNetworkIsAwayNeverWaits() {
    // given
    SimulatedTask task = start(1);
    settle(task);
    connect.turnsTake(ROUND_TRIP);
    int batches = 40;
    List<String> added = add(BUSY, batches * BATCH);

    // when
    Duration took =
        timed(
            () -> {
              for (int i = 0; i < 1_000 && connect.committed().size() < added.size(); i++) {
                task.turn();
              }
            });

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(took).isLessThanOrEqualTo(ROUND_TRIP.multipliedBy(batches + 4));
  }

  @Test
  void aCommitOnTheTaskThreadAcknowledgesWithoutWaiting() {
    // given each stream has an entry that Kafka has and Redis has not acknowledged
    SimulatedTask task = start(STREAMS);
    settle(task);
    readOneOfEach(task);

    // when
    Duration took = timed(task::flush);

    // then
    assertThat(took).isZero();
    assertThat(pending()).isZero();
  }

  @Test
  void aStopWaitsForOutstandingRepliesInsteadOfAcknowledgingAgain() {
    // given
    SimulatedTask task = start(STREAMS);
    settle(task);
    readOneOfEach(task);
    task.flush();

    // when
    redis.waits();
    task.stop();

    // then
    assertThat(redis.waits()).isEqualTo(1);
  }

  @Test
  void withoutABacklogAPollReturnsWhatWasAddedSinceTheLastOne() {
    // given an entry that a poll has returned
    SimulatedTask task = start(1);
    settle(task);
    add(BUSY, 1);
    for (int i = 0; i < 10 && !task.poll(); i++) {
      task.commit();
    }

    // when another comes during its transaction
    add(BUSY, 1);
    task.commit();
    task.tell();
    task.flush();

    // then
    assertThat(task.poll()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFrozenRedisHoldsACommitForOneDeadlineHoweverManyStreamsHaveSomethingToAcknowledge(
      boolean exactlyOnce) {
    // given each stream has an entry that Kafka has and Redis has not acknowledged
    SimulatedTask task = start(STREAMS, exactlyOnce);
    settle(task);
    readOneOfEach(task);
    redis.freeze();
    redis.waits();

    // when
    Duration took = timed(task::flush);

    // then
    assertThat(took).isLessThan(Duration.ofSeconds(3));
    assertThat(redis.waits()).isLessThanOrEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFrozenRedisHoldsACommitForOneDeadlineWhenNoStreamHasAConnectionForIt(boolean exactlyOnce) {
    // given that the commit before has closed all connections without a reply
    SimulatedTask task = start(STREAMS, exactlyOnce);
    settle(task);
    readOneOfEach(task);
    redis.freeze();
    task.flush();

    // when
    Duration took = timed(task::flush);

    // then
    assertThat(took).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void aFrozenRedisHoldsAPollForOneDeadlineHoweverManyStreamsThereAre() {
    // given
    SimulatedTask task = start(STREAMS);
    settle(task);
    redis.freeze();

    // when it does not reply, counts as unavailable, and does not accept connections
    Duration longest = Duration.ZERO;
    for (int i = 0; i < 100; i++) {
      Duration took = timed(task::poll);
      longest = took.compareTo(longest) > 0 ? took : longest;
    }

    // then
    assertThat(longest).isLessThan(Duration.ofSeconds(4));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFrozenRedisHoldsAStopForOneDeadlineHoweverManyStreamsThereAre(boolean exactlyOnce) {
    // given
    SimulatedTask task = start(STREAMS, exactlyOnce);
    settle(task);
    readOneOfEach(task);
    redis.freeze();
    task.flush();

    // when
    Duration took = timed(task::stop);

    // then
    assertThat(took).isLessThan(Duration.ofSeconds(6));
  }

  @Test
  void allStreamsContinueAfterAFrozenRedisResponds() {
    // given
    SimulatedTask task = start(STREAMS);
    settle(task);
    readOneOfEach(task);
    redis.freeze();
    for (int i = 0; i < 30; i++) {
      task.turn();
    }

    // when
    redis.thaw();
    List<String> added = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      added.addAll(add("s" + i, 1));
    }
    for (int i = 0; i < 10 * STREAMS; i++) {
      task.turn();
      clock.advance(Duration.ofMillis(100));
    }

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).containsAll(added).doesNotHaveDuplicates();
    assertThat(pending()).isZero();
  }

  private long pending() {
    long pending = 0;
    for (int i = 0; i < STREAMS; i++) {
      pending += (Long) Replies.list(near.call("XPENDING", "s" + i, "claims-processors")).get(0);
    }
    return pending;
  }

  /** Leaves one entry of each stream both in Kafka and pending. */
  private void readOneOfEach(SimulatedTask task) {
    for (int i = 0; i < STREAMS; i++) {
      add("s" + i, 1);
    }
    for (int i = 0; i < 10 && connect.committed().size() < STREAMS; i++) {
      task.poll();
      task.commit();
    }
    task.tell();
    assertThat(connect.committed()).hasSize(STREAMS);
  }
}
