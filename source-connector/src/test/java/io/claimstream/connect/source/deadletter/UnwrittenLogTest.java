/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.RecordedLog;
import io.claimstream.connect.redis.stream.EntryId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnwrittenLogTest {
  private static final String STREAM = "claims:events";

  private final FakeClock clock = new FakeClock();
  private final RecordedLog recorded = new RecordedLog();
  private final List<String> lines = recorded.lines();
  private final UnwrittenLog log = new UnwrittenLog(recorded.logger(), "claims.failed", clock);

  @Test
  void unwrittenDeadLettersAreReportedWithStreamIdAndTheSettingToChange() {
    log.record(STREAM, EntryId.parse("7-1"), false);

    assertThat(lines).hasSize(1);
    assertThat(lines.get(0))
        .contains("1 dead letters", "'claims.failed'", "7-1", STREAM, "stay pending")
        .contains("Set redis.failed.stream");
  }

  @Test
  void deadLettersKeptInRedisAreReportedAsSuch() {
    log.record(STREAM, EntryId.parse("7-1"), true);

    assertThat(lines.get(0)).contains("in redis.failed.stream only").doesNotContain("pending");
  }

  @Test
  void aFloodBecomesOneLineAMinuteWithTheirNumber() {
    for (int i = 0; i < 1_000; i++) {
      log.record(STREAM, EntryId.parse(i + "-1"), false);
    }
    clock.advance(Duration.ofMinutes(1));
    log.record(STREAM, EntryId.parse("1000-1"), false);
    log.record(STREAM, EntryId.parse("1001-1"), false);
    log.close();
    log.close();

    assertThat(lines).hasSize(3);
    assertThat(lines.get(1)).contains("1000 dead letters", "1000-1");
    assertThat(lines.get(2)).contains("1 more dead letters");
  }
}
