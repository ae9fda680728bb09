/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/**
 * A filter that drops a whole backlog on a worker with exactly-once support, which then commits
 * nothing, reports nothing, and keeps all records in memory.
 */
class DroppedBacklogTest extends Scenario {
  private static final String OTHER = "claims:others";
  private static final String HEARTBEATS = "heartbeats";
  private static final int MOST = 100;
  private static final int READ = 10;
  private static final int BACKLOG = 1_000;

  DroppedBacklogTest() {
    super(
        "redis.read.count",
        Integer.toString(READ),
        "records.in.flight.max",
        Integer.toString(MOST));
  }

  private static boolean isOfStream(SourceRecord record) {
    return STREAM.equals(record.sourcePartition().get("stream"));
  }

  @Test
  void readingStopsAtTheMaximumOfRecordsInFlight() {
    // given
    connect.drop(record -> true);
    add(BACKLOG);

    // when
    SimulatedTask task = start();
    run(BACKLOG, task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(task.inFlight()).isBetween(MOST, MOST + READ);
    assertThat(pending()).isLessThanOrEqualTo(MOST + 2 * READ);
  }

  @Test
  void readingContinuesWhenARecordOfAnotherStreamIsCommitted() {
    // given a consumer that has stopped reading
    connect.drop(DroppedBacklogTest::isOfStream);
    add(BACKLOG);
    SimulatedTask task = start("redis.streams", STREAM + "," + OTHER);
    run(BACKLOG, task);
    assertThat(pending()).isPositive();

    // when
    List<String> committed = new ArrayList<>();
    while (committed.size() < BACKLOG / MOST + 2) {
      committed.addAll(add(OTHER, 1));
      run(MOST, task);
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
    List<String> added = add(BACKLOG);

    // when
    SimulatedTask task = start("heartbeat.topic", HEARTBEATS);
    run(BACKLOG, task);

    // then
    assertThat(connect.heartbeats()).isBetween(1, 2 * BACKLOG / MOST + 2);
    assertThat(pending()).isZero();
    assertThat(task.inFlight()).isZero();
    assertThat(connect.lastOffset(STREAM)).isEqualTo(EntryId.parse(id(added.get(BACKLOG - 1))));
  }

  @Test
  void aFewEntriesThatAFilterDropsAreAcknowledgedAfterAHeartbeatToo() {
    // given
    connect.drop(record -> !record.topic().equals(HEARTBEATS));
    SimulatedTask task = start("heartbeat.topic", HEARTBEATS);
    run(5, task);
    add(3);
    run(5, task);
    assertThat(connect.heartbeats()).isZero();

    // when
    clock.advance(Duration.ofSeconds(10));
    run(3, task);

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
      add(READ);
      run(2, task);
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
    add(BACKLOG);

    // when six hours pass
    SimulatedTask task = start("heartbeat.topic", HEARTBEATS);
    for (int i = 0; i < 6 * 360; i++) {
      clock.advance(Duration.ofSeconds(10));
      run(1, task);
    }

    // then
    assertThat(task.polledRecords()).isLessThan(MOST + READ + 50);
  }

  @Test
  void entriesCoveredByAHeartbeatAreNotReadAgain() {
    // given
    connect.drop(record -> !record.topic().equals(HEARTBEATS));
    add(BACKLOG);
    run(BACKLOG, start("heartbeat.topic", HEARTBEATS));

    // when the group is lost with the stream's other groups, and nothing is dropped any more
    redis.call("XGROUP", "DESTROY", STREAM, GROUP);
    connect.drop(record -> false);
    SimulatedTask next = start();
    List<String> added = add(1);
    run(20, next);

    // then
    assertThat(connect.committed()).isEqualTo(added);
  }
}
