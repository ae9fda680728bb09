/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.fake.RecordedLog;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.group.ConsumerGroup;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LossDetectorTest {
  private final RecordedLog log = new RecordedLog();
  private final LossDetector losses =
      new LossDetector(
          new ConsumerGroup("claims:events", "g"),
          UnpublishedMetrics.task().tagged("stream", "claims:events").counter("trimmed", ""),
          log.logger());

  @Test
  void aGroupMovedBackIsReportedOnceEvenWithoutAnOffset() {
    // given a connector without an offset
    losses.restored(null);
    losses.readUpTo(new EntryId(5, 0));

    // when
    losses.covered(new EntryId(2, 0));
    losses.covered(new EntryId(3, 0));

    // then
    assertThat(log.lines()).hasSize(1);
    assertThat(log.lines().get(0))
        .contains("moved back", "read up to 5-0", "starting with 2-0", "use Connect's offsets API");
  }

  @Test
  void entriesDeliveredAgainAfterTheConnectorRecreatedTheGroupAreNotReported() {
    losses.restored(new EntryId(2, 0));
    losses.covered(new EntryId(3, 0));

    assertThat(log.lines()).isEmpty();
  }

  @Test
  void aLagThatAFailoverLeftIsNotReportedAsALoss() {
    // given a task that has lost its connection
    losses.restored(null);
    losses.restored(null);

    // when
    losses.nothingLeft(OptionalLong.of(90));
    losses.nothingLeft(OptionalLong.of(95));

    // then
    assertThat(log.lines()).hasSize(2);
    assertThat(log.lines().get(0)).contains("counts 90 entries more as unread", "harmless");
    assertThat(log.lines().get(1)).contains("5 entries were trimmed before they were read");
  }

  @Test
  void aCountThatAFailoverLeftBehindMayBeTheReasonThatEntriesAreSkipped() {
    // given a task that has lost its connection
    losses.restored(null);
    losses.restored(null);

    // when
    losses.skipped(0);
    losses.skipped(90);
    losses.skipped(5);

    // then
    assertThat(log.lines()).hasSize(2);
    assertThat(log.lines().get(0)).contains("skipped 90 entries", "harmless");
    assertThat(log.lines().get(1)).contains("5 entries were trimmed before they were read");
  }
}
