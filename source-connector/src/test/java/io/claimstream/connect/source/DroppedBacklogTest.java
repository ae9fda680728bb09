/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/**
 * A filter that drops a whole backlog, on a worker with exactly-once support: it commits nothing
 * then, tells of nothing, and keeps all in memory.
 */
class DroppedBacklogTest {
  private static final String STREAM = "claims:events";
  private static final String OTHER = "claims:others";
  private static final String GROUP = "claims-processors";
  private static final String HEARTBEATS = "heartbeats";
  private static final int MOST = 100;
  private static final int READ = 10;
  private static final int BACKLOG = 1_000;

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final SimulatedConnect connect = new SimulatedConnect(redis, clock, true);

  private SimulatedTask start(String... settings) {
    Map<String, String> connector = new HashMap<>();
    connector.put("name", "c");
    connector.put("redis.streams", STREAM);
    connector.put("redis.read.block.ms", "1");
    connector.put("redis.read.count", Integer.toString(READ));
    connector.put("records.in.flight.max", Integer.toString(MOST));
    connector.put("event.format", "generic");
    for (int i = 0; i < settings.length; i += 2) {
      connector.put(settings[i], settings[i + 1]);
    }
    return connect.start(connector, 1).get(0);
  }

  private List<String> add(String stream, int count) {
    List<String> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      added.add(
          stream + "/" + Replies.text(redis.call("XADD", stream, "*", "claim_id", "CLM-" + i)));
    }
    clock.advance(Duration.ofMillis(5));
    return added;
  }

  private static void run(SimulatedTask task, int turns) {
    for (int turn = 0; turn < turns; turn++) {
      task.poll();
      task.commit();
      task.tell();
      task.flush();
    }
  }

  private long pending() {
    return (Long) Replies.list(redis.call("XPENDING", STREAM, GROUP)).get(0);
  }

  private static boolean isOfStream(SourceRecord record) {
    return STREAM.equals(record.sourcePartition().get("stream"));
  }

  @Test
  void readingStopsWhereAsManyRecordsAreInFlightAsMayBe() {
    // given
    connect.drop(record -> true);
    add(STREAM, BACKLOG);

    // when
    SimulatedTask task = start();
    run(task, BACKLOG);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(task.inFlight()).isBetween(MOST, MOST + READ);
    assertThat(pending()).isLessThanOrEqualTo(MOST + 2 * READ);
  }

  @Test
  void readingGoesOnWhenARecordOfAnotherStreamIsCommitted() {
    // given a consumer that has stopped
    connect.drop(DroppedBacklogTest::isOfStream);
    add(STREAM, BACKLOG);
    SimulatedTask task = start("redis.streams", STREAM + "," + OTHER);
    run(task, BACKLOG);
    assertThat(pending()).isPositive();

    // when
    List<String> committed = new ArrayList<>();
    while (committed.size() < BACKLOG / MOST + 2) {
      committed.addAll(add(OTHER, 1));
      run(task, MOST);
    }

    // then
    assertThat(connect.committed()).isEqualTo(committed);
    assertThat(pending()).isZero();
    assertThat(task.inFlight()).isZero();
  }

  @Test
  void heartbeatsMakeAWorkerCommitWhatAFilterDrops() {
    // given
    connect.drop(record -> !record.topic().equals(HEARTBEATS));
    List<String> added = add(STREAM, BACKLOG);

    // when
    SimulatedTask task = start("heartbeat.topic", HEARTBEATS);
    run(task, BACKLOG);

    // then
    assertThat(connect.heartbeats()).isBetween(1, 2 * BACKLOG / MOST + 2);
    assertThat(pending()).isZero();
    assertThat(task.inFlight()).isZero();
    assertThat(connect.lastOffset(STREAM)).isEqualTo(id(added.get(BACKLOG - 1)));
  }

  private static EntryId id(String record) {
    return EntryId.parse(record.substring(record.indexOf('/') + 1));
  }

  @Test
  void aFewEntriesThatAFilterDropsAreAcknowledgedAfterAHeartbeatToo() {
    // given
    connect.drop(record -> !record.topic().equals(HEARTBEATS));
    SimulatedTask task = start("heartbeat.topic", HEARTBEATS);
    run(task, 5);
    add(STREAM, 3);
    run(task, 5);
    assertThat(connect.heartbeats()).isZero();

    // when
    clock.advance(Duration.ofSeconds(10));
    run(task, 3);

    // then
    assertThat(connect.heartbeats()).isOne();
    assertThat(pending()).isZero();
  }

  @Test
  void thereIsNoHeartbeatWhereRecordsReachKafka() {
    // given
    SimulatedTask task = start("heartbeat.topic", HEARTBEATS);

    // when
    for (int i = 0; i < 50; i++) {
      add(STREAM, READ);
      run(task, 2);
      clock.advance(Duration.ofSeconds(1));
    }

    // then
    assertThat(connect.committed()).hasSize(50 * READ);
    assertThat(connect.heartbeats()).isZero();
  }

  @Test
  void heartbeatsThatAreDroppedTooBecomeRare() {
    // given
    connect.drop(record -> true);
    add(STREAM, BACKLOG);

    // when six hours pass
    SimulatedTask task = start("heartbeat.topic", HEARTBEATS);
    for (int i = 0; i < 6 * 360; i++) {
      clock.advance(Duration.ofSeconds(10));
      run(task, 1);
    }

    // then
    assertThat(task.polledRecords()).isLessThan(MOST + READ + 50);
  }

  @Test
  void whatAHeartbeatCoveredIsNotReadAgain() {
    // given
    connect.drop(record -> !record.topic().equals(HEARTBEATS));
    add(STREAM, BACKLOG);
    run(start("heartbeat.topic", HEARTBEATS), BACKLOG);

    // when the group is lost with the stream's other groups, and nothing is dropped any more
    redis.call("XGROUP", "DESTROY", STREAM, GROUP);
    connect.drop(record -> false);
    SimulatedTask next = start();
    List<String> added = add(STREAM, 1);
    run(next, 20);

    // then
    assertThat(connect.committed()).isEqualTo(added);
  }
}
