/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.RecordedLog;
import io.claimstream.connect.source.group.ConsumerGroup;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShortageLogTest {
  private final FakeClock clock = new FakeClock();
  private final RecordedLog recorded = new RecordedLog();
  private final List<String> lines = recorded.lines();
  private final ShortageLog log =
      new ShortageLog(recorded.logger(), new ConsumerGroup("claims:events", "g"), clock.steady());

  @Test
  void aShortageIsReportedOnceAndSoIsItsEnd() {
    log.full();
    log.full();
    log.over();
    log.over();

    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).contains("claims:events", "full (maxmemory)", "dead letters");
    assertThat(lines.get(1)).contains("claims:events", "has memory again");
  }

  @Test
  void aRedisThatIsAtItsLimitIsReportedOnceAMinute() {
    for (int second = 0; second < 90; second++) {
      log.full();
      log.over();
      clock.advance(Duration.ofSeconds(1));
    }

    assertThat(lines).hasSize(4);
  }
}
