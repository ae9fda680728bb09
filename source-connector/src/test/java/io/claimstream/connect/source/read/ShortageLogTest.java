/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.fake.FakeClock;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class ShortageLogTest {
  private final FakeClock clock = new FakeClock();
  private final List<String> lines = new ArrayList<>();
  private final ShortageLog log =
      new ShortageLog(logger(), new ConsumerGroup("claims:events", "g"), clock.steady());

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

  private Logger logger() {
    return (Logger)
        Proxy.newProxyInstance(
            Logger.class.getClassLoader(),
            new Class<?>[] {Logger.class},
            (proxy, method, args) -> {
              lines.add(((String) args[0]).replace("{}", args[1].toString()));
              return null;
            });
  }
}
