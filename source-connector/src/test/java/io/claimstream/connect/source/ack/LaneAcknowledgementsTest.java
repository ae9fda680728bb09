/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.source.metrics.StreamMetrics;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LaneAcknowledgementsTest {
  private final AckTracker own = new AckTracker(null);
  private final AckTracker takenOver = new AckTracker(null);
  private final LaneAcknowledgements acknowledgements =
      new LaneAcknowledgements(
          own,
          new StreamMetrics(UnpublishedMetrics.task(), "claims:events", "g", TaskClock.system()));

  @BeforeEach
  void takeOver() {
    acknowledgements.add(takenOver);
  }

  @Test
  void oneCommandCarriesAtMostTenThousandIdsOfAllTrackers() {
    // given
    for (int i = 1; i <= 12_000; i++) {
      own.done(new EntryId(i, 0));
      takenOver.done(new EntryId(i, 1));
    }

    // when
    Set<EntryId> taken = new HashSet<>();
    List<EntryId> some = acknowledgements.take();
    while (!some.isEmpty()) {
      assertThat(some).hasSizeLessThanOrEqualTo(10_000);
      taken.addAll(some);
      some = acknowledgements.take();
    }

    // then
    assertThat(taken).hasSize(24_000);
  }

  @Test
  void entriesInFlightAreCountedIncludingThoseTakenOver() {
    own.emitted(new EntryId(1, 0));
    takenOver.emitted(new EntryId(1, 1));
    takenOver.emitted(new EntryId(2, 0));
    takenOver.delivered(new EntryId(1, 1));

    assertThat(acknowledgements.inFlight()).isEqualTo(2);
  }
}
