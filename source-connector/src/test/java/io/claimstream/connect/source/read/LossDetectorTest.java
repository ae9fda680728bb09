/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.RecordedLog;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.GroupInfo;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LossDetectorTest {
  private final FakeRedis redis = new FakeRedis(new FakeClock());
  private final RecordedLog log = new RecordedLog();
  private final LossDetector losses =
      new LossDetector(
          new ConsumerGroup("claims:events", "g"),
          UnpublishedMetrics.task().tagged("stream", "claims:events").counter("trimmed", ""),
          log.logger());

  @Test
  void aGroupMovedBackIsReportedOnceEvenWithoutAnOffset() {
    // given a connector without an offset
    losses.restored(null, Optional.empty());
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
    losses.restored(new EntryId(2, 0), Optional.empty());
    losses.covered(new EntryId(3, 0));

    assertThat(log.lines()).isEmpty();
  }

  @Test
  void whatRedisCountsAsReadButDidNotDeliverIsReported() {
    // given ten entries read, and a Redis that counts trimmed ones as read
    losses.restored(new EntryId(10, 0), Optional.of(group(10, 10, 1)));

    // when the entries up to 35 are trimmed, and the next is read
    losses.read(connection(), entries(36), group(36, 36, 1));
    losses.read(connection(), entries(37), group(37, 37, 1));

    // then
    assertThat(log.lines()).hasSize(1);
    assertThat(log.lines().get(0)).contains("25 entries were trimmed before they were read");
  }

  @Test
  void whatAnotherConsumerMayHaveReadIsNotReported() {
    losses.restored(new EntryId(10, 0), Optional.of(group(10, 10, 2)));

    losses.read(connection(), entries(36), group(36, 36, 2));

    assertThat(log.lines()).isEmpty();
  }

  @Test
  void entriesOverWhichTheGroupWasMovedAreNotReportedAsTrimmed() {
    redis.call("XADD", "claims:events", "20-0", "f", "v");
    losses.restored(new EntryId(10, 0), Optional.of(group(10, 10, 1)));

    losses.read(connection(), entries(36), group(36, 36, 1));

    assertThat(log.lines()).isEmpty();
  }

  @Test
  void aGroupThatIsMovedBackMissesNothing() {
    losses.restored(new EntryId(36, 0), Optional.of(group(36, 36, 1)));

    losses.read(connection(), entries(11), group(11, 11, 1));

    assertThat(log.lines()).isEmpty();
  }

  @Test
  void aLagThatAFailoverLeftIsNotReportedAsALoss() {
    // given a task that has lost its connection
    losses.restored(null, Optional.empty());
    losses.restored(null, Optional.empty());

    // when
    losses.read(connection(), List.of(), lagging(90));
    losses.read(connection(), List.of(), lagging(95));

    // then
    assertThat(log.lines()).hasSize(2);
    assertThat(log.lines().get(0)).contains("counts 90 entries more as unread", "harmless");
    assertThat(log.lines().get(1)).contains("5 entries were trimmed before they were read");
  }

  private static GroupInfo lagging(long lag) {
    return new GroupInfo(new EntryId(10, 0), OptionalLong.of(lag), OptionalLong.empty(), 1);
  }

  private RedisConnection connection() {
    return redis.open("claims:events");
  }

  private static List<StreamEntry> entries(long id) {
    return List.of(StreamEntry.of(new EntryId(id, 0), "f", "v"));
  }

  private static GroupInfo group(long at, long read, long consumers) {
    return new GroupInfo(new EntryId(at, 0), OptionalLong.of(0), OptionalLong.of(read), consumers);
  }
}
