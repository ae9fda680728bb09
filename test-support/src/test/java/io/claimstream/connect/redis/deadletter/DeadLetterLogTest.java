/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.error.ErrorSettings;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.RecordedLog;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeadLetterLogTest {
  private final FakeClock clock = new FakeClock();
  private final RecordedLog recorded = new RecordedLog();
  private final List<String> lines = recorded.lines();

  private DeadLetterLog log(boolean logged, boolean withPayload) {
    return new DeadLetterLog(
        recorded.logger(), new ErrorSettings(true, logged, withPayload), clock);
  }

  @Test
  void aFloodIsLoggedAsOneLineAMinuteWithTheNumber() {
    // given
    DeadLetterLog log = log(false, false);

    // when
    for (int i = 0; i < 1_000; i++) {
      log.note("entry " + i, () -> "secret");
    }
    clock.advance(Duration.ofMinutes(1));
    log.note("entry 1000", () -> "secret");
    log.note("entry 1001", () -> "secret");
    log.close();
    log.close();

    // then
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).contains("Dead-lettered 1 ", "entry 0");
    assertThat(lines.get(1)).contains("Dead-lettered 1000 ", "entry 1000");
    assertThat(lines.get(2)).contains("Dead-lettered 1 more");
    assertThat(lines).noneMatch(line -> line.contains("secret"));
  }

  @Test
  void logsEachOneWithoutItsContentsIfErrorsAreLogged() {
    DeadLetterLog log = log(true, false);

    log.note("entry 1", () -> "secret");
    log.note("entry 2", () -> "secret");

    assertThat(lines).containsExactly("Dead-lettered: entry 1", "Dead-lettered: entry 2");
  }

  @Test
  void logsTheContentsOnlyOnRequest() {
    DeadLetterLog log = log(true, true);

    log.note("entry 1", () -> "claim_id=CLM-1");

    assertThat(lines).containsExactly("Dead-lettered: entry 1: claim_id=CLM-1");
  }
}
