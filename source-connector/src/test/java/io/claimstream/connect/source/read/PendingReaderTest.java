/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.consumers.Backlog;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.PendingEntry;
import io.claimstream.connect.source.lane.Fences;
import io.claimstream.connect.source.lane.LaneOwnership;
import io.claimstream.connect.source.lane.TestLanes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PendingReaderTest {
  private static final ConsumerGroup GROUP = new ConsumerGroup("claims:events", "g");

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final RedisConnection connection = redis.open("claims:events");
  private final LaneOwnership ownership = ownership();
  private final Map<String, Integer> calls = new HashMap<>();

  private static LaneOwnership ownership() {
    return new LaneOwnership(
        GROUP, "c", "claimstream:v1:consumers:{claims:events}:g:c", new Fences());
  }

  /** Entries that the consumer has read the given number of times and not acknowledged. */
  private List<EntryId> pending(int count, int deliveries) {
    List<EntryId> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(
          EntryId.parse(
              String.valueOf(
                  Replies.text(redis.call("XADD", GROUP.stream(), "*", "claim_id", i)))));
    }
    if (GROUP.info(connection).isEmpty()) {
      redis.call("XGROUP", "CREATE", GROUP.stream(), "g", "0");
    }
    read(">");
    for (int i = 1; i < deliveries; i++) {
      read(ids.get(0).previous());
    }
    return ids;
  }

  private void read(Object from) {
    redis.call(
        "XREADGROUP", "GROUP", "g", "c", "COUNT", 1_000_000, "STREAMS", GROUP.stream(), from);
  }

  private PendingReader reader(@Nullable EntryId committed, int maxDeliveries) {
    ownership.acquire(connection);
    redis.faults(
        command -> {
          calls.merge(command.name(), 1, Integer::sum);
          return null;
        });
    return new PendingReader(
        TestLanes.lane(0, GROUP, TestLanes.settings(1, maxDeliveries), redis, clock),
        new Backlog(ownership, new AckTracker(committed), true));
  }

  private static List<EntryId> ids(LaneBatch step) {
    return step.entries().stream().map(StreamEntry::id).toList();
  }

  private boolean awaitsKafka(PendingReader reader) {
    reader.next(connection, 10, 10);
    return reader.awaitsKafka();
  }

  /** Reads to the end and emits all entries; Kafka confirms each part immediately. */
  private List<EntryId> drain(PendingReader reader, int count) {
    List<EntryId> emitted = new ArrayList<>();
    LaneBatch step = reader.next(connection, count, count);
    while (!reader.isAtEnd()) {
      for (EntryId id : ids(step)) {
        reader.tracker().emitted(id);
        reader.tracker().delivered(id);
        emitted.add(id);
      }
      step = reader.next(connection, count, count);
    }
    return emitted;
  }

  @Test
  void entriesInKafkaAreOnlyAcknowledgedAndTheRestIsEmittedInOrder() {
    // given
    List<EntryId> ids = pending(10, 1);
    PendingReader reader = reader(ids.get(3), 5);

    // when
    List<EntryId> emitted = drain(reader, 4);

    // then
    assertThat(emitted).isEqualTo(ids.subList(4, 10));
    assertThat(reader.tracker().take(100)).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void eachEntryIsLookedUpAndDeliveredOnce() {
    // given
    List<EntryId> ids = pending(10_000, 1);
    PendingReader reader = reader(null, 5);

    // when
    assertThat(drain(reader, 100)).isEqualTo(ids);

    // then
    assertThat(calls).containsEntry("XPENDING", 101).containsEntry("XREADGROUP", 100);
  }

  @Test
  void aPageCostsOneRoundTripBecauseTheReadBeforeItLooksItUp() {
    // given
    List<EntryId> ids = pending(1_000, 1);
    PendingReader reader = reader(null, 5);
    RoundTrips counted = new RoundTrips(connection);

    // when
    List<EntryId> emitted = new ArrayList<>();
    while (!reader.isAtEnd()) {
      for (EntryId id : ids(reader.next(counted, 100, 100))) {
        reader.tracker().emitted(id);
        emitted.add(id);
      }
    }

    // then
    assertThat(emitted).isEqualTo(ids);
    assertThat(counted.trips).isEqualTo(1 + 10);
  }

  @Test
  void aBatchIsReadOnlyOnceItIsAskedFor() {
    // given entries of three batches
    List<EntryId> ids = pending(30, 1);
    PendingReader reader = reader(null, 5);

    // when the task ends with the first one
    assertThat(ids(reader.next(connection, 10, 10))).isEqualTo(ids.subList(0, 10));

    // then the others were not delivered again
    assertThat(GROUP.pending(connection, "c", EntryId.ZERO, 30))
        .extracting(PendingEntry::deliveries)
        .startsWith(2L, 2L)
        .endsWith(1L, 1L)
        .satisfies(counts -> assertThat(counts.stream().filter(n -> n == 2)).hasSize(10));
  }

  @Test
  void aPageThatWasLookedUpAheadEndsTheTaskOnceANewerOneOwnsTheConsumer() {
    // given
    pending(30, 1);
    PendingReader reader = reader(null, 5);
    reader.next(connection, 10, 10);

    // when
    ownership().acquire(connection);

    // then
    assertThatThrownBy(() -> reader.next(connection, 10, 10)).hasMessageContaining("newer task");
  }

  @Test
  void entriesOnTheirLastTryAreLookedUpOnceToo() {
    // given
    List<EntryId> ids = pending(300, 4);
    PendingReader reader = reader(null, 5);

    // when
    assertThat(drain(reader, 100)).isEqualTo(ids);

    // then
    assertThat(calls).containsEntry("XPENDING", 4).containsEntry("XREADGROUP", 300);
  }

  @Test
  void anEntryOnItsLastTryWaitsForKafkaWithoutAskingRedis() {
    // given an earlier entry that Kafka has not confirmed
    List<EntryId> ids = new ArrayList<>(pending(1, 4));
    ids.addAll(pending(2, 1));
    PendingReader reader = reader(null, 5);
    reader.tracker().emitted(EntryId.ZERO.next());

    // when
    assertThat(awaitsKafka(reader)).isTrue();
    calls.clear();
    for (int i = 0; i < 100; i++) {
      assertThat(awaitsKafka(reader)).isTrue();
    }

    // then
    assertThat(calls).isEmpty();
    reader.tracker().delivered(EntryId.ZERO.next());
    assertThat(ids(reader.next(connection, 10, 10))).containsExactly(ids.get(0));
    assertThat(ids(reader.next(connection, 10, 10))).isEqualTo(ids.subList(1, 3));
  }

  @Test
  void entriesAfterOneThatIsTriedAloneWaitUntilKafkaHasIt() {
    // given
    List<EntryId> ids = new ArrayList<>(pending(1, 6));
    ids.addAll(pending(2, 1));
    PendingReader reader = reader(null, 5);

    // when
    assertThat(ids(reader.next(connection, 10, 10))).containsExactly(ids.get(0));
    reader.tracker().emitted(ids.get(0));

    // then
    assertThat(awaitsKafka(reader)).isTrue();
    assertThat(awaitsKafka(reader)).isTrue();
    reader.tracker().delivered(ids.get(0));
    assertThat(ids(reader.next(connection, 10, 10))).isEqualTo(ids.subList(1, 3));
  }

  @Test
  void newEntriesWaitUntilKafkaHasTheLastPendingOneIfItIsTriedAlone() {
    // given
    List<EntryId> ids = pending(1, 4);
    PendingReader reader = reader(null, 5);
    reader.next(connection, 10, 10);
    reader.tracker().emitted(ids.get(0));

    // when
    reader.next(connection, 10, 10);

    // then
    assertThat(reader.isAtEnd()).isFalse();
    reader.tracker().delivered(ids.get(0));
    reader.next(connection, 10, 10);
    assertThat(reader.isAtEnd()).isTrue();
  }

  @Test
  void anEntryDeliveredTooOftenIsReturnedAloneAndNotDeliveredAgain() {
    // given
    List<EntryId> ids = new ArrayList<>(pending(2, 7));
    ids.addAll(pending(2, 1));
    PendingReader reader = reader(null, 5);

    // when, then
    for (EntryId poison : ids.subList(0, 2)) {
      LaneBatch step = reader.next(connection, 10, 10);
      assertThat(step.deliveries()).isEqualTo(7);
      assertThat(ids(step)).containsExactly(poison);
      assertThat(step.entries().get(0).isTrimmed()).isFalse();
    }
    assertThat(ids(reader.next(connection, 10, 10))).isEqualTo(ids.subList(2, 4));
    assertThat(calls).containsEntry("XREADGROUP", 1);
  }

  @Test
  void zeroMeansThatNoEntryIsEverDeadLettered() {
    List<EntryId> ids = pending(3, 20);

    assertThat(drain(reader(null, 0), 10)).isEqualTo(ids);
  }

  @Test
  void aTrimmedEntryHasNoFields() {
    // given
    pending(3, 1);
    redis.call("XTRIM", GROUP.stream(), "MAXLEN", 1);

    // when
    LaneBatch step = reader(null, 5).next(connection, 10, 10);

    // then
    assertThat(step.entries())
        .extracting(StreamEntry::isTrimmed)
        .containsExactly(true, true, false);
  }

  @Test
  void anEntryInFlightIsNotReadAgainAndDoesNotHideItsNeighbours() {
    // given, as after going back, that the middle entry is in flight
    List<EntryId> ids = pending(5, 1);
    PendingReader reader = reader(null, 5);
    reader.tracker().emitted(ids.get(2));
    reader.tracker().goBackTo(EntryId.ZERO);

    // when
    List<EntryId> emitted = drain(reader, 10);

    // then
    assertThat(emitted).containsExactly(ids.get(0), ids.get(1), ids.get(3), ids.get(4));
  }

  @Test
  void entriesTakenByAnotherConsumerAreNotReplacedByLaterOnes() {
    // given a page that was looked up, and an entry of it that another consumer then takes over
    List<EntryId> ids = pending(6, 1);
    redis.call("XREADGROUP", "GROUP", "g", "c", "COUNT", 2, "STREAMS", GROUP.stream(), "0");
    redis.call("XREADGROUP", "GROUP", "g", "c", "COUNT", 2, "STREAMS", GROUP.stream(), "0");
    PendingReader reader = reader(null, 4); // the first two are on their last try
    assertThat(ids(reader.next(connection, 4, 4))).containsExactly(ids.get(0));
    redis.call("XCLAIM", GROUP.stream(), "g", "other", 0, ids.get(3), "JUSTID");

    // when
    List<EntryId> emitted = new ArrayList<>();
    emitted.addAll(ids(reader.next(connection, 4, 4)));
    emitted.addAll(ids(reader.next(connection, 4, 4)));

    // then
    assertThat(emitted).containsExactly(ids.get(1), ids.get(2));
  }

  @Test
  void pendingEntriesAreNotJudgedOnceANewerTaskOwnsTheConsumer() {
    // given
    List<EntryId> ids = pending(2, 1);
    PendingReader reader = reader(ids.get(1), 5);

    // when
    ownership().acquire(connection);

    // then no entry is acknowledged because of an offset that may be of another batch
    assertThatThrownBy(() -> reader.next(connection, 10, 10)).hasMessageContaining("newer task");
    assertThat(reader.tracker().take(10)).isEmpty();
  }

  @Test
  void theHighestIdThereCanBeIsReadLikeAnyOther() {
    // given
    List<EntryId> ids = new ArrayList<>(pending(2, 1));
    redis.call("XADD", GROUP.stream(), EntryId.MAX, "claim_id", "last");
    read(">");
    ids.add(EntryId.MAX);
    PendingReader reader = reader(null, 5);

    // when
    List<EntryId> emitted = drain(reader, 3);

    // then
    assertThat(emitted).isEqualTo(ids);
  }

  @Test
  void theLowestIdThereCanBeIsReadLikeAnyOther() {
    // given
    EntryId lowest = new EntryId(0, 1);
    redis.call("XADD", GROUP.stream(), lowest, "claim_id", "first");
    List<EntryId> ids = new ArrayList<>(List.of(lowest));
    ids.addAll(pending(2, 1));
    PendingReader reader = reader(null, 5);

    // when
    List<EntryId> emitted = drain(reader, 1);

    // then
    assertThat(emitted).isEqualTo(ids);
  }

  /** Counts how often commands are sent. */
  private static final class RoundTrips implements RedisConnection {
    private final RedisConnection connection;
    private int trips;

    RoundTrips(RedisConnection connection) {
      this.connection = connection;
    }

    @Override
    public void send(List<Command> commands) {
      trips++;
      connection.send(commands);
    }

    @Override
    public List<@Nullable Object> receive(int replies, Duration patience) {
      return connection.receive(replies, patience);
    }

    @Override
    public String address() {
      return connection.address();
    }

    @Override
    public void close() {
      connection.close();
    }
  }
}
