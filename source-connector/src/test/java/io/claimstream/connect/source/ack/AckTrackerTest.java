/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker.Verdict;
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
  void whatTheCommittedOffsetCoversIsDoneAndTheRestIsEmitted() {
    AckTracker tracker = new AckTracker(id(5));

    assertThat(tracker.judge(id(4))).isEqualTo(Verdict.DONE);
    assertThat(tracker.judge(id(5))).isEqualTo(Verdict.DONE);
    assertThat(tracker.judge(id(6))).isEqualTo(Verdict.EMIT);
    assertThat(new AckTracker(null).judge(id(1))).isEqualTo(Verdict.EMIT);
  }

  @Test
  void anEntryOnItsWayIsNeitherEmittedNorAcknowledgedAgain() {
    // given
    AckTracker tracker = new AckTracker(null);
    tracker.emitted(id(1));

    // when, then
    assertThat(tracker.judge(id(1))).isEqualTo(Verdict.IN_FLIGHT);
    assertThat(tracker.take()).isEmpty();
    tracker.delivered(id(1));
    assertThat(tracker.judge(id(1))).isEqualTo(Verdict.DONE);
    assertThat(tracker.take()).containsExactly(id(1));
    assertThat(tracker.take()).isEmpty();
  }

  @Test
  void aFailedAcknowledgementComesBack() {
    AckTracker tracker = new AckTracker(null);
    tracker.emitted(id(1));
    tracker.delivered(id(1));

    tracker.putBack(tracker.take());

    assertThat(tracker.take()).containsExactly(id(1));
  }

  @Test
  void emittingBackwardsIsABugThatIsToldAtOnce() {
    AckTracker tracker = new AckTracker(id(5));

    assertThatThrownBy(() -> tracker.emitted(id(5))).isInstanceOf(IllegalStateException.class);
  }

  @RepeatedTest(200)
  void inAnyInterleavingNothingIsAcknowledgedThatKafkaLacksAndEverythingDeliveredIs() {
    // given
    long seed = Long.getLong("test.seed", System.nanoTime());
    Random random = new Random(seed);
    AckTracker tracker = new AckTracker(random.nextBoolean() ? null : id(0));
    List<EntryId> inFlight = new ArrayList<>();
    Set<EntryId> delivered = new HashSet<>();
    Set<EntryId> acknowledged = new HashSet<>();
    long next = 1;

    for (int step = 0; step < 300; step++) {
      // when: any of the things that threads do, in any order
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
          List<EntryId> taken = tracker.take();
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
    acknowledged.addAll(tracker.take());
    assertThat(acknowledged).as("seed %d", seed).isEqualTo(delivered);
  }
}
