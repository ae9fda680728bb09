/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import static io.claimstream.quickstart.demo.SnapshotTopologyTest.V1;
import static io.claimstream.quickstart.demo.SnapshotTopologyTest.V2;
import static io.claimstream.quickstart.demo.SnapshotTopologyTest.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.stream.EntryId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClaimHistoryTest {
  private static final ClaimSnapshots TABLE = new ClaimSnapshots(SnapshotTopologyTest.SNAPSHOT);

  /* One event a second, the last two in the same millisecond. */
  private final List<GenericRecord> events =
      List.of(
          event(V1, "1000-0", "CLM-1", "claim_submitted", "100.00", "open"),
          event(V2, "2000-0", "CLM-1", "document_uploaded", null, null),
          event(V2, "3000-0", "CLM-1", "claim_approved", "80.00", "approved"),
          event(V2, "3000-1", "CLM-1", "claim_paid", "80.00", "paid"));
  private final List<GenericRecord> snapshots = snapshots(events);

  @Test
  void theStateIsThatOfTheEventsUpToTheInstantAndInIt() {
    ClaimHistory history = new ClaimHistory("CLM-1", List.of(), events, true);

    assertThat(history.asOf(at(1000), TABLE).snapshot()).isEqualTo(snapshots.get(0));
    assertThat(history.asOf(at(1999), TABLE).snapshot()).isEqualTo(snapshots.get(0));
    assertThat(history.asOf(at(2000), TABLE).snapshot()).isEqualTo(snapshots.get(1));
    assertThat(history.asOf(at(2000).plusNanos(1), TABLE).snapshot()).isEqualTo(snapshots.get(1));
    assertThat(history.asOf(at(3000), TABLE).snapshot()).isEqualTo(snapshots.get(3));
    assertThat(history.asOf(at(9999), TABLE).snapshot()).isEqualTo(snapshots.get(3));
  }

  @Test
  void givenASnapshotFromBeforeThenTheEventsInItAreNotNeeded() {
    ClaimHistory history =
        new ClaimHistory(
            "CLM-1",
            List.of(snapshots.get(3), snapshots.get(0)),
            events.subList(1, events.size()),
            true);

    ClaimHistory.State state = history.asOf(at(2500), TABLE);

    assertThat(state.snapshot()).isEqualTo(snapshots.get(1));
    assertThat(state.start()).hasValue(new EntryId(1000, 0));
    assertThat(history.asOf(at(9999), TABLE).start()).hasValue(new EntryId(3000, 1));
  }

  @Test
  void givenThatCompactionHasLeftOnlyALaterSnapshotThenItBeginsWithTheFirstEvent() {
    ClaimHistory history = new ClaimHistory("CLM-1", List.of(snapshots.get(3)), events, true);

    ClaimHistory.State state = history.asOf(at(2500), TABLE);

    assertThat(state.snapshot()).isEqualTo(snapshots.get(1));
    assertThat(state.start()).isEmpty();
  }

  @Test
  void givenThatRetentionHasDeletedNeededEventsThenItSaysSoAndWhatIsKnown() {
    ClaimHistory history =
        new ClaimHistory("CLM-1", List.of(snapshots.get(3)), events.subList(1, 4), true);

    assertThatThrownBy(() -> history.asOf(at(2500), TABLE))
        .isInstanceOf(DemoException.class)
        .hasMessage(
            "topic claims.events no longer has every event of claim CLM-1 up to"
                + " 1970-01-01T00:00:02.500Z, and no snapshot from before then has them; its state"
                + " is known from 1970-01-01T00:00:03Z on");
    assertThat(history.asOf(at(3000), TABLE).snapshot()).isEqualTo(snapshots.get(3));
  }

  @Test
  void givenThatEventsWereDeletedBeforeTheyWereInASnapshotThenItSaysSo() {
    ClaimHistory withSnapshot =
        new ClaimHistory("CLM-1", snapshots.subList(0, 2), events.subList(3, 4), false);
    ClaimHistory without = new ClaimHistory("CLM-1", List.of(), events, false);

    assertThatThrownBy(() -> withSnapshot.asOf(at(9999), TABLE))
        .hasMessageContaining("topic claims.events has lost events that are in no snapshot");
    assertThatThrownBy(() -> without.asOf(at(9999), TABLE))
        .hasMessageContaining("the state of claim CLM-1 at 1970-01-01T00:00:09.999Z is unknown");
    // the next snapshot has one event more
    assertThat(withSnapshot.asOf(at(1000), TABLE).snapshot()).isEqualTo(snapshots.get(0));
  }

  @Test
  void anInstantBeforeTheFirstEventAndAnUnknownClaimSaySo() {
    ClaimHistory history = new ClaimHistory("CLM-1", snapshots, events, true);

    assertThatThrownBy(() -> history.asOf(at(999), TABLE))
        .isInstanceOf(DemoException.class)
        .hasMessage("claim CLM-1 has no event at 1970-01-01T00:00:00.999Z or before");
    assertThatThrownBy(() -> history.asOf(Instant.MIN, TABLE))
        .hasMessageContaining("has no event at");
    assertThatThrownBy(
            () -> new ClaimHistory("CLM-2", List.of(), List.of(), true).asOf(at(999), TABLE))
        .hasMessage("Kafka contains no event of claim CLM-2");
  }

  @Test
  void givenAReplayThenItsDuplicatesChangeNothing() {
    List<GenericRecord> twice = new ArrayList<>(events);
    twice.addAll(events);
    ClaimHistory history = new ClaimHistory("CLM-1", List.of(snapshots.get(3)), twice, true);

    assertThat(history.asOf(at(2500), TABLE).snapshot()).isEqualTo(snapshots.get(1));
  }

  @Test
  void whateverCompactionAndRetentionLeaveTheStateIsRightOrUnknown() {
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.printf("claim history: -Dtest.seed=%d%n", seed);
    Random random = new Random(seed);
    int known = 0;
    for (int round = 0; round < 2_000; round++) {
      // given a claim, of whose snapshots the last one stays, and of whose events the last ones
      List<GenericRecord> all = new ArrayList<>();
      long millis = 1;
      for (int i = 0; i <= random.nextInt(8); i++) {
        millis += random.nextInt(3);
        all.add(event(V2, millis + "-" + i, "CLM-1", "t" + i, i + ".00", "s" + i));
      }
      List<GenericRecord> made = snapshots(all);
      List<GenericRecord> kept = new ArrayList<>(made.subList(made.size() - 1, made.size()));
      made.subList(0, made.size() - 1).stream()
          .filter(s -> random.nextBoolean())
          .forEach(kept::add);
      List<GenericRecord> left = all.subList(random.nextInt(all.size() + 1), all.size());
      ClaimHistory history = new ClaimHistory("CLM-1", kept, left, true);
      long instant = random.nextLong(millis + 2);

      // when
      GenericRecord state;
      try {
        state = history.asOf(at(instant), TABLE).snapshot();
        known++;
      } catch (DemoException e) {
        state = null;
      }

      // then
      GenericRecord expected = expected(all, made, instant);
      if (state != null || left.size() == all.size()) {
        assertThat(state).as("seed %d, round %d", seed, round).isEqualTo(expected);
      }
    }
    assertThat(known).isGreaterThan(500);
  }

  private static @Nullable GenericRecord expected(
      List<GenericRecord> events, List<GenericRecord> snapshots, long millis) {
    GenericRecord expected = null;
    for (int i = 0; i < events.size(); i++) {
      if (EntryId.parse(events.get(i).get("stream_id").toString()).millis() <= millis) {
        expected = snapshots.get(i);
      }
    }
    return expected;
  }

  private static List<GenericRecord> snapshots(List<GenericRecord> events) {
    List<GenericRecord> snapshots = new ArrayList<>();
    GenericRecord state = null;
    for (GenericRecord event : events) {
      state = TABLE.after(event, state);
      snapshots.add(state);
    }
    return snapshots;
  }

  private static Instant at(long millis) {
    return Instant.ofEpochMilli(millis);
  }
}
