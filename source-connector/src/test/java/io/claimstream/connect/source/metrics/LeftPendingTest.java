/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.helpers.MessageFormatter;

class LeftPendingTest {
  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final List<String> lines = new ArrayList<>();
  private final LeftPending watch =
      new LeftPending(logger(), "claims:events", "g", "new-name", clock.steady());

  @BeforeEach
  void makeGroup() {
    redis.call("XGROUP", "CREATE", "claims:events", "g", "0", "MKSTREAM");
  }

  private void readAs(String consumer) {
    redis.call("XADD", "claims:events", "*", "claim_id", "c");
    redis.call("XREADGROUP", "GROUP", "g", consumer, "STREAMS", "claims:events", ">");
  }

  private void samples(int count) {
    for (int i = 0; i < count; i++) {
      watch.look(redis.call("XPENDING", "claims:events", "g"));
      clock.advance(Duration.ofSeconds(5));
    }
  }

  @Test
  void whatARenamedConnectorLeftPendingIsToldOnceWithConsumerAndCount() {
    readAs("old-name-0");
    readAs("old-name-0");

    samples(100);

    assertThat(lines).hasSize(1);
    assertThat(lines.get(0))
        .contains(
            "'claims:events'", "'g'", "'old-name-0'", "same 2 entries", "redis.claim.idle.ms");
  }

  @Test
  void whatTheConnectorsOwnConsumersHavePendingIsNotTold() {
    readAs("new-name-0");
    readAs("new-name-7");
    readAs("new-name-claimed");

    samples(100);

    assertThat(lines).isEmpty();
  }

  @Test
  void aConsumerWhosePendingEntriesChangeIsAtWork() {
    for (int i = 0; i < 100; i++) {
      readAs("other-0");
      samples(1);
    }

    assertThat(lines).isEmpty();
  }

  @Test
  void aGroupThatIsLostTellsNothing() {
    readAs("old-name-0");
    samples(2);
    watch.look(null);
    samples(3);

    assertThat(lines).isEmpty();
  }

  private Logger logger() {
    return (Logger)
        Proxy.newProxyInstance(
            Logger.class.getClassLoader(),
            new Class<?>[] {Logger.class},
            (proxy, method, args) -> {
              Object[] values =
                  args[1] instanceof Object[] several
                      ? several
                      : List.of(args).subList(1, args.length).toArray();
              lines.add(MessageFormatter.arrayFormat((String) args[0], values).getMessage());
              return null;
            });
  }
}
