/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class AckTrackerTest {

  private static EntryId id(long millis) {
    return new EntryId(millis, 0);
  }

  @Test
  void entriesCoveredByTheCommittedOffsetAreDoneAndTheRestIsEmitted() {
    AckTracker tracker = new AckTracker(id(5));

    assertThat(tracker.judge(id(4))).isEqualTo(Verdict.DONE);
    assertThat(tracker.judge(id(5))).isEqualTo(Verdict.DONE);
    assertThat(tracker.judge(id(6))).isEqualTo(Verdict.EMIT);
    assertThat(new AckTracker(null).judge(id(1))).isEqualTo(Verdict.EMIT);
  }

  @Test
  void anEntryInFlightIsNeitherEmittedNorAcknowledgedAgain() {
    // given
    AckTracker tracker = new AckTracker(null);
    tracker.emitted(id(1));

    // when, then
    assertThat(tracker.judge(id(1))).isEqualTo(Verdict.IN_FLIGHT);
    assertThat(tracker.take(Integer.MAX_VALUE)).isEmpty();
    tracker.delivered(id(1));
    assertThat(tracker.judge(id(1))).isEqualTo(Verdict.DONE);
    assertThat(tracker.take(Integer.MAX_VALUE)).containsExactly(id(1));
    assertThat(tracker.take(Integer.MAX_VALUE)).isEmpty();
  }

  @Test
  void aFailedAcknowledgementComesBack() {
    AckTracker tracker = new AckTracker(null);
    tracker.emitted(id(1));
    tracker.delivered(id(1));

    tracker.putBack(tracker.take(Integer.MAX_VALUE));

    assertThat(tracker.take(Integer.MAX_VALUE)).containsExactly(id(1));
  }

  @Test
  void emittingBackwardsFailsImmediately() {
    AckTracker tracker = new AckTracker(id(5));

    assertThatThrownBy(() -> tracker.emitted(id(5))).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aTrackerThatWentBackEmitsAgainExceptForEntriesInFlight() {
    // given
    AckTracker tracker = new AckTracker(id(5));
    tracker.emitted(id(6));
    tracker.emitted(id(9));
    tracker.delivered(id(6));

    // when
    tracker.goBackTo(id(3));

    // then
    assertThat(tracker.judge(id(3))).isEqualTo(Verdict.DONE);
    assertThat(tracker.judge(id(4))).isEqualTo(Verdict.EMIT);
    assertThat(tracker.judge(id(6))).isEqualTo(Verdict.EMIT);
    assertThat(tracker.judge(id(9))).isEqualTo(Verdict.IN_FLIGHT);
    assertThat(tracker.safePosition()).isEqualTo(id(3));
    tracker.emitted(id(4));
    assertThat(tracker.safePosition()).isEqualTo(id(4).previous());
  }

  @Test
  void goingBackNeverGoesForward() {
    AckTracker tracker = new AckTracker(id(5));

    tracker.goBackTo(id(7));

    assertThat(tracker.lastEmitted()).isEqualTo(id(5));
  }

  @Test
  void aLostEntryInFlightIsNotTakenForTheOneThatGetsItsId() {
    // given two entries in flight and one to acknowledge, of which Redis keeps the first
    AckTracker tracker = new AckTracker(id(5));
    tracker.emitted(id(6));
    tracker.emitted(id(7));
    tracker.done(id(8));
    int before = tracker.era();

    // when
    tracker.restartAfter(id(6), 1);

    // then
    assertThat(tracker.judge(id(6))).isEqualTo(Verdict.IN_FLIGHT);
    assertThat(tracker.judge(id(7))).isEqualTo(Verdict.EMIT);
    assertThat(tracker.take(9)).isEmpty();
    tracker.emitted(id(7));
    tracker.delivered(id(6), before);
    tracker.delivered(id(7), before);
    assertThat(tracker.judge(id(7))).isEqualTo(Verdict.IN_FLIGHT);
    assertThat(tracker.take(9)).containsExactly(id(6));
    tracker.delivered(id(7), tracker.era());
    assertThat(tracker.take(9)).containsExactly(id(7));
    assertThat(tracker.epoch()).isEqualTo(1);
  }

  @Test
  void takeReturnsAtMostTheRequestedIdsAndNoneTwice() {
    // given
    AckTracker tracker = new AckTracker(null);
    for (int i = 1; i <= 5; i++) {
      tracker.done(id(i));
      tracker.done(id(i));
    }

    // when, then
    assertThat(tracker.take(2)).containsExactly(id(1), id(2));
    assertThat(tracker.take(9)).containsExactly(id(3), id(4), id(5));
    assertThat(tracker.take(9)).isEmpty();
  }

  @Test
  void aHundredThousandEntriesInFlightCostNoMoreEachThanAFew() {
    // given
    AckTracker tracker = new AckTracker(null);
    int entries = 100_000;

    // when: this would take minutes if any of these iterated over the entries in flight
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          for (int i = 1; i <= entries; i++) {
            assertThat(tracker.judge(id(i)) == Verdict.EMIT).isTrue();
            tracker.emitted(id(i));
          }
          for (int i = entries; i > 0; i--) {
            tracker.delivered(id(i));
          }
        });

    // then
    assertThat(tracker.take(entries)).hasSize(entries);
  }

  @RepeatedTest(200)
  void inAnyInterleavingExactlyTheDeliveredEntriesAreAcknowledged() {
    // given
    long seed = Long.getLong("test.seed", System.nanoTime());
    Random random = new Random(seed);
    AckTracker tracker = new AckTracker(random.nextBoolean() ? null : id(0));
    List<EntryId> inFlight = new ArrayList<>();
    Set<EntryId> delivered = new HashSet<>();
    Set<EntryId> acknowledged = new HashSet<>();
    long next = 1;

    for (int step = 0; step < 300; step++) {
      // when: any operations, in any order
      switch (random.nextInt(4)) {
        case 0 -> {
          tracker.emitted(id(next));
          inFlight.add(id(next++));
        }
        case 1 -> {
          if (!inFlight.isEmpty()) {
            EntryId some = inFlight.remove(random.nextInt(inFlight.size()));
            tracker.delivered(some);
            delivered.add(some);
          }
        }
        case 2 -> {
          List<EntryId> taken = tracker.take(1 + random.nextInt(20));
          // then
          assertThat(delivered).as("seed %d", seed).containsAll(taken);
          if (random.nextInt(3) == 0) {
            tracker.putBack(taken);
          } else {
            taken.forEach(ack -> assertThat(acknowledged.add(ack)).as("seed %d", seed).isTrue());
          }
        }
        default -> {
          EntryId safe = tracker.safePosition();
          for (EntryId missing : inFlight) {
            assertThat(safe == null || missing.isAfter(safe)).as("seed %d", seed).isTrue();
            assertThat(tracker.judge(missing)).as("seed %d", seed).isEqualTo(Verdict.IN_FLIGHT);
          }
          assertThat(tracker.inFlight()).as("seed %d", seed).isEqualTo(inFlight.size());
        }
      }
    }
    acknowledged.addAll(tracker.take(Integer.MAX_VALUE));
    assertThat(acknowledged).as("seed %d", seed).isEqualTo(delivered);
  }
}
