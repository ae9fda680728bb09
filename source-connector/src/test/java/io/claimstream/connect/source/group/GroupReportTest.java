/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.RecordedLog;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.LaneAcknowledgements;
import io.claimstream.connect.source.consumers.StreamConsumers;
import io.claimstream.connect.source.lane.LaneContext;
import io.claimstream.connect.source.lane.TestLanes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupReportTest {
  private static final ConsumerGroup GROUP = new ConsumerGroup("claims:events", "g");

  private final FakeRedis redis = new FakeRedis(new FakeClock());
  private final RedisConnection connection = redis.open("claims:events");
  private final RecordedLog log = new RecordedLog();
  private final List<EntryId> ids = new ArrayList<>();

  @BeforeEach
  void fillTheStream() {
    for (int i = 0; i < 5; i++) {
      Object id = redis.call("XADD", GROUP.stream(), "*", "claim_id", i);
      ids.add(EntryId.parse(String.valueOf(Replies.text(id))));
    }
  }

  private GroupReport group(String startId) {
    return new GroupReport(GROUP, StartPosition.parse(startId), true, log.logger());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "2026-11-30T10:00:00Z"})
  void givenAGroupThatStandsAheadThenOneLineSaysSoAndHowToStartOver(String startId) {
    EntryId reached = ids.get(3);
    StartPosition start = StartPosition.parse(startId);
    GroupReport group = group(startId);

    group.exists(connection, reached, () -> true);
    group.exists(connection, reached, () -> true);

    boolean isAhead = reached.isAfter(start.resolve(() -> reached));
    assertThat(log.lines()).hasSize(isAhead ? 1 : 0);
    assertThat(log.lines())
        .allMatch(
            line ->
                line.contains("at position " + reached)
                    && line.contains("DELETE /connectors/<name>/offsets"));
  }

  @Test
  void givenAGroupThatStandsWhereItWouldBeMadeThenNothingIsSaid() {
    group("0").exists(connection, EntryId.ZERO, () -> true);
    group(ids.get(2).toString()).exists(connection, ids.get(2), () -> true);

    assertThat(log.lines()).isEmpty();
  }

  @Test
  void givenTheEndWasAskedForAndAGroupBehindItThenTheLineSaysThatOlderEntriesAreRead() {
    group("$").exists(connection, ids.get(1), () -> true);

    assertThat(log.lines()).hasSize(1);
    assertThat(log.lines().get(0))
        .contains("exists and is used unchanged", "redis.start.id=$", "at position " + ids.get(1))
        .contains("all entries after that position are read")
        .contains("PATCH /connectors/<name>/offsets", "0-0 for the whole stream");
  }

  @Test
  void givenTheEndWasAskedForAndAGroupAtTheEndThenTheLineSaysThatNothingWaits() {
    group("$").exists(connection, ids.get(4), () -> true);

    assertThat(log.lines()).hasSize(1);
    assertThat(log.lines().get(0))
        .contains(
            "at position " + ids.get(4),
            "there are no entries after that position",
            "To start elsewhere");
  }

  @Test
  void givenConnectHasOffsetsThenNothingIsSaid() {
    group("$").exists(connection, ids.get(1), () -> false);
    group("0").exists(connection, ids.get(1), () -> false);

    assertThat(log.lines()).isEmpty();
  }

  @Test
  void givenTheConnectorHasMadeTheGroupThenNothingIsSaidAfterAReconnectEither() {
    GroupReport group = group("$");
    group.isOurs();

    group.exists(connection, ids.get(1), () -> true);

    assertThat(log.lines()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"012", "102", "210", "201"})
  void givenSeveralConsumersThenOneReportsWhicheverConnectsFirst(String order) {
    // given a group that somebody has read and acknowledged two entries of
    redis.call("XGROUP", "CREATE", GROUP.stream(), GROUP.name(), "0");
    redis.call(
        "XREADGROUP", "GROUP", GROUP.name(), "x", "COUNT", 2, "STREAMS", GROUP.stream(), ">");
    ids.subList(0, 2).forEach(id -> redis.call("XACK", GROUP.stream(), GROUP.name(), id));

    // when each of three consumers connects, and reads before the next one does
    order
        .chars()
        .map(c -> c - '0')
        .forEach(
            index -> {
              restore(index);
              String consumer = "c-" + index;
              redis.call(
                  "XREADGROUP",
                  "GROUP",
                  GROUP.name(),
                  consumer,
                  "COUNT",
                  1,
                  "STREAMS",
                  GROUP.stream(),
                  ">");
            });

    // then
    assertThat(log.lines()).hasSize(1);
    assertThat(log.lines().get(0)).contains("at position " + ids.get(1));
  }

  @Test
  void givenSeveralConsumersAndTheirStateOfBeforeThenOneReports() {
    // given consumers that had made the group, and offsets that are lost
    IntStream.range(0, 3).forEach(this::restore);
    redis.call(
        "XREADGROUP", "GROUP", GROUP.name(), "c-1", "COUNT", 2, "STREAMS", GROUP.stream(), ">");
    ids.subList(0, 2).forEach(id -> redis.call("XACK", GROUP.stream(), GROUP.name(), id));
    assertThat(log.lines()).isEmpty();

    // when
    IntStream.range(0, 3).forEach(this::restore);

    // then
    assertThat(log.lines()).hasSize(1);
    assertThat(log.lines().get(0)).contains("at position " + ids.get(1));
  }

  /** Connects one of three consumers of a connector that Connect has no offsets of. */
  private void restore(int index) {
    LaneContext lane =
        TestLanes.lane(index, GROUP, TestLanes.settings(3, 0), redis, new FakeClock().steady());
    StreamConsumers consumers =
        new StreamConsumers(lane, new LaneAcknowledgements(new AckTracker(null), lane.metrics()));
    consumers.acquire(connection);
    GroupReport report = new GroupReport(GROUP, StartPosition.parse("0"), index == 0, log.logger());
    boolean isRestored = false;
    while (!isRestored) {
      isRestored = consumers.shared(connection).orElseThrow().restore(connection, null, report);
    }
  }
}
