/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.consumers;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.RecordedLog;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.ConsumerInfo;
import io.claimstream.connect.source.lane.LaneOwnership;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OtherConsumersTest {
  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final ConsumerGroup group = new ConsumerGroup("a", "g");
  private final RedisConnection connection = redis.open("a");
  private final RecordedLog log = new RecordedLog();
  private final List<String> lines = log.lines();
  private final OtherConsumers others = others(false);

  @BeforeEach
  void fill() {
    for (int i = 1; i <= 10; i++) {
      redis.call("XADD", "a", i + "-0", "claim_id", i);
    }
    redis.call("XGROUP", "CREATE", "a", "g", "0");
  }

  private OtherConsumers others(boolean takenOver) {
    KnownConsumers known = new KnownConsumers(new ConsumersKey(group, "c", 1), name -> false);
    return new OtherConsumers(group, known, takenOver, log.logger());
  }

  private void read(String consumer) {
    redis.call("XREADGROUP", "GROUP", "g", consumer, "COUNT", 2, "STREAMS", "a", ">");
  }

  private void look(OtherConsumers checked) {
    checked.check(connection, group.consumers(connection));
  }

  @Test
  void entriesThatARenamedConnectorLeftAreReportedAtTheStartAndOnce() {
    // given a connector that ended a moment ago
    redis.call("SET", LaneOwnership.key(group, "old-eu-0"), 5);
    read("old-eu-0");
    clock.advance(Duration.ofSeconds(5));

    // when
    look(others);
    clock.advance(Duration.ofMinutes(20));
    look(others);

    // then
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0))
        .contains(
            "consumer 'old-eu-0' of connector 'old-eu'",
            "2 pending entries, the oldest 1-0",
            "5 s ago",
            "renamed",
            "redis.claim.idle.ms",
            "redis.group");
  }

  @Test
  void theTakeoverConsumerOfARenamedConnectorIsReportedAsItsOwn() {
    redis.call("SET", LaneOwnership.key(group, "old-takeover"), 5);
    read("old-takeover");

    look(others);

    assertThat(lines).hasSize(1);
    assertThat(lines.get(0)).contains("consumer 'old-takeover' of connector 'old'");
  }

  @Test
  void entriesThatAnotherProgramLeftAreReportedOnceAfterTenMinutes() {
    // given
    read("somebody");
    clock.advance(Duration.ofMinutes(9));
    look(others);
    assertThat(lines).isEmpty();

    // when
    clock.advance(Duration.ofMinutes(1));
    look(others);
    look(others);

    // then
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0))
        .contains("consumer 'somebody' has 2 pending entries", "redis.claim.idle.ms");
  }

  @Test
  void aConsumerThatKeepsAskingIsServedByItsProgram() {
    // given
    read("somebody");

    // when
    for (int minute = 0; minute < 20; minute++) {
      clock.advance(Duration.ofMinutes(1));
      redis.call("XADD", "a", "*", "claim_id", minute);
      redis.call("XREADGROUP", "GROUP", "g", "somebody", "STREAMS", "a", ">");
      look(others);
    }

    // then
    assertThat(lines).isEmpty();
  }

  @Test
  void aConsumerNamedLikeOursIsReportedImmediately() {
    read("c-7");

    look(others);
    look(others);

    assertThat(lines).hasSize(1);
    assertThat(lines.get(0))
        .contains("consumer 'c-7' has 2 pending entries", "left to another program");
  }

  @Test
  void consumersSubjectToTakeoverAreNotReported() {
    read("c-7");
    read("old-0");
    clock.advance(Duration.ofMinutes(20));

    look(others(true));

    assertThat(lines).isEmpty();
  }

  @Test
  void theConnectorsOwnConsumersAreNotReported() {
    // given a current consumer, a former one, and the takeover consumer
    redis.call("SET", LaneOwnership.key(group, "c-3"), 5);
    redis.call("SET", LaneOwnership.key(group, "c-takeover"), 5);
    read("c-0");
    read("c-3");
    read("c-takeover");
    look(others);
    clock.advance(Duration.ofMinutes(20));

    // when
    look(others);

    // then
    assertThat(lines).isEmpty();
  }

  @Test
  void anotherConnectorInTheGroupIsReportedOnce() {
    redis.call("SET", LaneOwnership.key(group, "other-0"), 5);
    read("other-0");
    redis.call("XACK", "a", "g", "1-0", "2-0");
    read("somebody");

    look(others);
    look(others);

    assertThat(lines).hasSize(1);
    assertThat(lines.get(0)).contains("'other-0' of another connector", "redis.group");
  }

  @Test
  void aConnectorIdleForAMinuteIsDistinguishedFromAReadingOneIfTheServerCountsReads() {
    // given
    redis.call("SET", LaneOwnership.key(group, "other-0"), 5);
    KnownConsumers known = new KnownConsumers(new ConsumersKey(group, "c", 1), name -> false);
    ConsumerInfo quiet = new ConsumerInfo("other-0", 0, Duration.ofMinutes(1), true);
    ConsumerInfo reading = new ConsumerInfo("other-0", 0, Duration.ofSeconds(59), true);
    ConsumerInfo unknown = new ConsumerInfo("other-0", 0, Duration.ofDays(1), false);
    ConsumerInfo program = new ConsumerInfo("somebody", 0, Duration.ZERO, true);

    // when, then
    assertThat(known.perhapsOfOtherConnectors(connection, List.of(quiet, program))).isEmpty();
    assertThat(known.perhapsOfOtherConnectors(connection, List.of(reading, program)))
        .containsExactly(reading);
    assertThat(known.perhapsOfOtherConnectors(connection, List.of(unknown)))
        .containsExactly(unknown);
  }
}
