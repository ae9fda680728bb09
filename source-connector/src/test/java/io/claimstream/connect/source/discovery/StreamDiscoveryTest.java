/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.source.record.TopicTemplate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.connector.ConnectorContext;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StreamDiscoveryTest {
  private final FakeRedis redis = new FakeRedis(new FakeClock());
  private final Connect connect = new Connect();
  private StreamDiscovery discovery;

  /** Counts what the connector asks for. */
  private static final class Connect implements ConnectorContext {
    private final AtomicInteger reconfigurations = new AtomicInteger();
    private final List<Exception> failures = new CopyOnWriteArrayList<>();

    @Override
    public void requestTaskReconfiguration() {
      reconfigurations.incrementAndGet();
    }

    @Override
    public PluginMetrics pluginMetrics() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void raiseError(Exception e) {
      failures.add(e);
    }
  }

  @BeforeEach
  void make() {
    discovery =
        new StreamDiscovery(
            "c",
            new StreamSelection(
                StreamPattern.parse("claims:events:*"),
                "claims:failed",
                TopicTemplate.parse("${stream}"),
                List.of()),
            Duration.ofMillis(5),
            redis,
            connect);
  }

  @AfterEach
  void close() {
    discovery.close();
    assertThat(redis.openConnections()).isZero();
  }

  private void add(String... streams) {
    for (String stream : streams) {
      redis.call("XADD", "claims:events:" + stream, "*", "f", "v");
    }
  }

  @Test
  void findsStreamsAmongManyKeys() {
    // given keys that need several calls, of which some only look like a stream
    List<String> expected = new ArrayList<>();
    for (int i = 10; i < 45; i++) {
      add("s" + i);
      expected.add("claims:events:s" + i);
      redis.call("SET", "claims:events:t" + i, "text");
      redis.call("XADD", "payments:s" + i, "*", "f", "v");
    }

    discovery.started();

    assertThat(discovery.streams()).isEqualTo(expected);
  }

  @Test
  void hasTheTasksReconfiguredWhenStreamsComeAndGo() {
    // given
    add("a", "b");
    discovery.started();
    assertThat(discovery.streams()).containsExactly("claims:events:a", "claims:events:b");

    // when
    add("c");
    await().until(() -> connect.reconfigurations.get() == 1);
    assertThat(discovery.streams()).hasSize(3);
    redis.call("DEL", "claims:events:a");
    await().until(() -> connect.reconfigurations.get() == 2);

    // then
    assertThat(discovery.streams()).containsExactly("claims:events:b", "claims:events:c");
    assertThat(connect.failures).isEmpty();
  }

  @Test
  void anOutageChangesNothing() {
    // given
    add("a");
    discovery.started();
    assertThat(discovery.streams()).hasSize(1);

    // when Redis is unavailable for some searches, and comes back unchanged
    redis.stop();
    AtomicInteger attempts = new AtomicInteger();
    redis.start();
    redis.faults(
        FaultPlan.always(
            FaultPlan.named("SCAN"), new Fault.Refusal("LOADING Redis is loading the dataset")));
    redis.between(command -> attempts.incrementAndGet());
    await().until(() -> attempts.get() > 3);
    assertThat(discovery.streams()).containsExactly("claims:events:a");
    redis.faults(FaultPlan.none());
    add("b");

    // then
    await().until(() -> connect.reconfigurations.get() == 1);
    assertThat(discovery.streams()).hasSize(2);
    assertThat(connect.failures).isEmpty();
  }

  @Test
  void withoutAFirstSearchTheTasksStayAsTheyAre() {
    // given
    redis.stop();
    discovery.started();
    assertThatExceptionOfType(ConnectException.class)
        .isThrownBy(discovery::streams)
        .withMessageContaining("redis.streams.pattern=claims:events:*")
        .withMessageContaining("cannot connect");

    // when
    add("a");
    redis.start();

    // then Connect is asked to look again
    await().until(() -> connect.reconfigurations.get() > 0);
    assertThat(discovery.streams()).containsExactly("claims:events:a");
    assertThat(connect.failures).isEmpty();
  }

  @Test
  void aMissingRightAtTheStartFailsTheConnector() {
    redis.faults(
        FaultPlan.always(
            FaultPlan.named("SCAN"),
            new Fault.Refusal("NOPERM User x has no permissions to run the 'scan' command")));
    discovery.started();

    await().until(() -> !connect.failures.isEmpty());
    assertThat(connect.failures).singleElement().asString().contains("SCAN", "NOPERM");
  }

  @Test
  void noStreamIsAResult() {
    discovery.started();

    assertThat(discovery.streams()).isEmpty();
    add("a");
    await().until(() -> connect.reconfigurations.get() == 1);
  }

  @Test
  void nothingIsAskedForAfterItIsClosed() {
    add("a");
    discovery.started();
    discovery.streams();

    discovery.close();
    add("b");

    assertThat(discovery.streams()).hasSize(1);
    assertThat(connect.reconfigurations).hasValue(0);
  }
}
