/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.sink.deliver.FakeAppendScript;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One stream for each of many topics, on a Redis that does not always reply. */
class ManyStreamsTest {
  private static final int TOPICS = 40;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final List<TopicPartition> PARTITIONS =
      IntStream.range(0, TOPICS).mapToObj(i -> new TopicPartition("t" + i, 0)).toList();

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final Slow connections = new Slow();

  @BeforeEach
  void teachTheScript() {
    FakeAppendScript.teach(redis, fields -> null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"exactly-once", "at-least-once"})
  void oneConnectionServesAllStreamsAndEndsWithTheirPartitions(String delivery) {
    RunningSink sink = sink(delivery, UnpublishedMetrics.task());

    FakeWorker.deliver(sink, records(0));

    assertThat(redis.openConnections()).isEqualTo(1);
    sink.close(PARTITIONS);
    assertThat(redis.openConnections()).isEqualTo(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"exactly-once", "at-least-once"})
  void streamsWhosePartitionsAreGoneAreNotAskedAboutAnyMore(String delivery) {
    RunningSink sink = sink(delivery, UnpublishedMetrics.task());
    FakeWorker.deliver(sink, records(0));
    sink.close(PARTITIONS);

    clock.advance(Duration.ofSeconds(6));
    sink.put(List.of());

    assertThat(redis.openConnections()).isEqualTo(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"exactly-once", "at-least-once"})
  void unreachableRedisHoldsAPutUpForOneTimeout(String delivery) {
    RunningSink sink = sink(delivery, UnpublishedMetrics.task());
    FakeWorker.deliver(sink, records(0));
    sink.put(records(1));
    connections.isUnreachable = true;
    redis.killConnections();

    assertThat(took(() -> sink.put(records(2)))).isLessThanOrEqualTo(TIMEOUT);
    clock.advance(Duration.ofMinutes(1));
    assertThat(took(() -> sink.put(records(2)))).isLessThanOrEqualTo(TIMEOUT);

    connections.isUnreachable = false;
    clock.advance(Duration.ofMinutes(1));
    FakeWorker.deliver(sink, records(2), () -> clock.advance(Duration.ofMinutes(1)));
    // a lost reply duplicates an entry with at-least-once delivery
    long most = delivery.equals("exactly-once") ? 3 : 4;
    assertThat((Long) redis.call("XLEN", "s:t7")).isBetween(3L, most);
  }

  @ParameterizedTest
  @ValueSource(strings = {"exactly-once", "at-least-once"})
  void frozenRedisHoldsACommitUpForOneTimeout(String delivery) {
    RunningSink sink = sink(delivery, UnpublishedMetrics.task());
    FakeWorker.deliver(sink, records(0));
    sink.put(records(1));
    connections.isFrozen = true;
    Map<TopicPartition, OffsetAndMetadata> wanted =
        PARTITIONS.stream().collect(Collectors.toMap(p -> p, p -> new OffsetAndMetadata(2)));

    assertThat(took(() -> sink.committable(wanted))).isLessThanOrEqualTo(TIMEOUT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"exactly-once", "at-least-once"})
  void commitDoesNotAskARedisThatIsKnownToBeOut(String delivery) {
    RunningSink sink = sink(delivery, UnpublishedMetrics.task());
    FakeWorker.deliver(sink, records(0));
    connections.isUnreachable = true;
    redis.killConnections();
    sink.put(records(1).subList(1, TOPICS));
    assertThatThrownBy(() -> sink.put(records(2))).isInstanceOf(RetriableException.class);
    // as if a transform had dropped records of the first partition
    Map<TopicPartition, OffsetAndMetadata> wanted =
        Map.of(PARTITIONS.get(0), new OffsetAndMetadata(9));

    assertThat(took(() -> sink.committable(wanted))).isEqualTo(Duration.ZERO);
  }

  @ParameterizedTest
  @ValueSource(strings = {"exactly-once", "at-least-once"})
  void anOutageIsOneErrorOfEachStreamHoweverManyRecordsItMeets(String delivery) throws JMException {
    TaskMetrics metrics = published();
    RunningSink sink = sink(delivery, metrics);
    FakeWorker.deliver(sink, records(0));
    List<SinkRecord> many =
        IntStream.range(1, 500).mapToObj(offset -> record(PARTITIONS.get(0), offset)).toList();
    sink.put(many);
    connections.isUnreachable = true;
    redis.killConnections();

    assertThatThrownBy(() -> sink.put(records(500))).isInstanceOf(RetriableException.class);

    assertThat(metric("errors-outage-total")).isEqualTo(1.0);
    metrics.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"exactly-once", "at-least-once"})
  void quietSinkReportsThatRedisIsUnavailable(String delivery) throws JMException {
    TaskMetrics metrics = published();
    RunningSink sink = sink(delivery, metrics);
    FakeWorker.deliver(sink, records(0));
    clock.advance(Duration.ofSeconds(6));
    sink.put(List.of());
    assertThat(metric("stream-length")).isEqualTo(1.0);

    redis.stop();
    clock.advance(Duration.ofSeconds(6));
    sink.put(List.of());

    assertThat(metric("stream-length")).isEqualTo(Double.NaN);
    assertThat(metric("breaker-state")).isEqualTo(2.0);
    redis.start();
    clock.advance(Duration.ofMinutes(1));
    sink.put(List.of());
    assertThat(metric("stream-length")).isEqualTo(1.0);
    metrics.close();
  }

  private Duration took(Runnable call) {
    Instant begin = clock.instant();
    try {
      call.run();
    } catch (RetriableException e) {
      // only the duration matters
    }
    return Duration.between(begin, clock.instant());
  }

  private RunningSink sink(String delivery, TaskMetrics metrics) {
    Map<String, String> properties = new HashMap<>();
    properties.put("name", "a");
    properties.put("redis.stream", "s:${topic}");
    properties.put("redis.delivery", delivery);
    RunningSink sink =
        new RunningSink(
            new RedisStreamSinkConfig(properties),
            connections,
            new FakeSinkContext(),
            metrics,
            clock);
    sink.open(PARTITIONS);
    return sink;
  }

  /** Reads a metric over JMX, as on a worker without metrics for plugins. */
  private static TaskMetrics published() {
    return TaskMetrics.of(
        "a",
        "0",
        () -> {
          throw new NoSuchMethodError();
        });
  }

  /** A metric of the first stream. */
  private static Object metric(String name) throws JMException {
    return ManagementFactory.getPlatformMBeanServer()
        .getAttribute(
            new ObjectName("kafka.connect:type=plugins,connector=a,task=0,stream=\"s:t0\""), name);
  }

  private static List<SinkRecord> records(long offset) {
    return PARTITIONS.stream().map(partition -> record(partition, offset)).toList();
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord record(TopicPartition partition, long offset) {
    return new SinkRecord(
        partition.topic(), partition.partition(), null, null, null, "v" + offset, offset);
  }

  /** Connects and receives only after a timeout, without success, if configured to. */
  private final class Slow implements RedisConnections {
    private boolean isUnreachable;
    private boolean isFrozen;

    @Override
    public RedisConnection open(String key) {
      if (isUnreachable) {
        clock.advance(TIMEOUT);
        throw new RedisOutageException("connect timed out", null);
      }
      return new SlowConnection(redis.open(key));
    }

    private final class SlowConnection implements RedisConnection {
      private final RedisConnection real;

      SlowConnection(RedisConnection real) {
        this.real = real;
      }

      @Override
      public void send(List<Command> commands) {
        real.send(commands);
      }

      @Override
      public List<@Nullable Object> receive(int replies, Duration patience) {
        if (isFrozen) {
          clock.advance(TIMEOUT);
          throw new RedisOutageException("Read timed out", null);
        }
        return real.receive(replies, patience);
      }

      @Override
      public boolean awaitReply(Duration atMost) {
        return !isFrozen;
      }

      @Override
      public String address() {
        return real.address();
      }

      @Override
      public void close() {
        real.close();
      }
    }
  }
}
