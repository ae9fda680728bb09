/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static io.claimstream.connect.sink.FakeWorker.comeBack;
import static io.claimstream.connect.sink.FakeWorker.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.redis.server.RedisServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real server that is short of memory, loads data, freezes, or is blocked for other clients. */
class PressureIT {
  private static final String STREAM = "claims:analytics";
  private static final String POSITIONS = "claimstream:v1:offsets:{claims:analytics}:analytics";

  private static RedisServer redis;

  private final FakeSinkContext context = new FakeSinkContext();
  private final FakeClock clock = new FakeClock();

  @BeforeAll
  static void start() {
    redis =
        RedisServer.start(
            "--enable-debug-command", "local", "--loading-process-events-interval-bytes", "1024");
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @BeforeEach
  void clear() {
    call("CONFIG", "SET", "maxmemory", "0");
    call("FLUSHALL");
  }

  @Test
  void memoryThatEndsInTheMiddleOfAScriptLeavesEntriesAndPositionInAgreement() {
    RunningSink sink = sink("redis.write.count", "500");
    List<SinkRecord> batch = records(0, 5_000, "x".repeat(1_000));
    call("CONFIG", "SET", "maxmemory", usedMemory() + 1_700_000);

    assertThatThrownBy(() -> deliver(sink, batch))
        .isInstanceOf(RetriableException.class)
        .hasMessageContaining("OOM");

    int appended = offsets().size();
    assertThat(appended).isGreaterThan(0).isLessThan(5_000);
    assertThat(text(call("HGET", POSITIONS, "claims-0"))).startsWith((appended - 1) + " ");
    call("CONFIG", "SET", "maxmemory", "0");
    clock.advance(Duration.ofMinutes(1));
    comeBack(sink);
    assertThat(offsets()).isEqualTo(offsets(0, 5_000));
  }

  @Test
  void serverThatLoadsItsDataIsWaitedFor() {
    RunningSink sink = sink();
    deliver(sink, records(0, 10, ""));
    call("DEBUG", "POPULATE", "3000", "key", "100");
    call("CONFIG", "SET", "key-load-delay", "1000");
    CompletableFuture<Void> reload = CompletableFuture.runAsync(() -> patiently("DEBUG", "RELOAD"));
    Awaitility.await("loading")
        .atMost(Duration.ofSeconds(30))
        .ignoreException(RedisOutageException.class)
        .until(PressureIT::isLoading);

    List<SinkRecord> batch = records(10, 20, "");
    assertThatThrownBy(() -> deliver(sink, batch))
        .isInstanceOf(RetriableException.class)
        .hasMessageContaining("LOADING");
    reload.join();
    clock.advance(Duration.ofMinutes(1));
    comeBack(sink);

    assertThat(offsets()).isEqualTo(offsets(0, 20));
  }

  @Test
  void putToAServerThatDoesNotAnswerLastsNoLongerThanTheCommandTimeout() {
    RunningSink sink = sink("redis.command.timeout.ms", "500");
    deliver(sink, records(0, 10, ""));
    call("CLIENT", "PAUSE", 3_000, "ALL");

    long before = System.nanoTime();
    assertThatThrownBy(() -> deliver(sink, records(10, 2_000, "x".repeat(1_000))))
        .isInstanceOf(RetriableException.class);
    Duration lasted = Duration.ofNanos(System.nanoTime() - before);

    assertThat(lasted).isBetween(Duration.ofMillis(400), Duration.ofSeconds(2));
    Awaitility.await("the end of the pause")
        .atMost(Duration.ofSeconds(30))
        .ignoreException(RedisOutageException.class)
        .untilAsserted(
            () -> {
              clock.advance(Duration.ofMinutes(1));
              comeBack(sink);
            });
    assertThat(offsets()).isEqualTo(offsets(0, 2_000));
  }

  @Test
  void scriptKeepsOtherClientsWaitingForMillisecondsOnly() {
    // given batches of small records, by their number, and of large ones, by their size
    RunningSink sink = sink();
    call("CONFIG", "SET", "slowlog-log-slower-than", "200"); // not each XADD in the script
    call("CONFIG", "SET", "slowlog-max-len", "1000");
    call("SLOWLOG", "RESET");
    long before = cpuMicros();
    for (int i = 0; i < 20; i++) {
      deliver(sink, records(i * 500, (i + 1) * 500, "x".repeat(200)));
    }
    long manyCpu = (cpuMicros() - before) / 20;
    List<Long> many = durations();
    before = cpuMicros();
    for (int i = 0; i < 20; i++) {
      deliver(sink, records(10_000 + i * 50, 10_000 + (i + 1) * 50, "x".repeat(10_000)));
    }
    long largeCpu = (cpuMicros() - before) / 20;
    List<Long> large = durations();
    call("CONFIG", "SET", "slowlog-log-slower-than", "10000");

    // then by the processor's time, to which no other program adds
    System.out.printf(
        "append.lua, microseconds: 500 records of 200 bytes: %s;"
            + " 50 records of 10,000 bytes: %s%n",
        figures(many, manyCpu), figures(large, largeCpu));
    assertThat(manyCpu).isLessThan(20_000);
    assertThat(largeCpu).isLessThan(20_000);
  }

  /** Returns Redis' total processor time, including receiving and parsing. */
  private static long cpuMicros() {
    return text(call("INFO", "cpu"))
        .lines()
        .filter(line -> line.startsWith("used_cpu_user:") || line.startsWith("used_cpu_sys:"))
        .mapToLong(line -> (long) (1e6 * Double.parseDouble(line.substring(line.indexOf(':') + 1))))
        .sum();
  }

  private static String figures(List<Long> micros, long cpu) {
    return "processor %d a batch; quickest %d, median %d, slowest %d of %d calls"
        .formatted(
            cpu,
            micros.get(0),
            micros.get(micros.size() / 2),
            micros.get(micros.size() - 1),
            micros.size());
  }

  /** Returns the duration of each script call since the previous check, in order. */
  private static List<Long> durations() {
    List<Long> micros =
        Replies.list(call("SLOWLOG", "GET", 1_000)).stream()
            .map(Replies::list)
            .filter(row -> text(Replies.list(row.get(3)).get(0)).startsWith("EVAL"))
            .map(row -> row.get(2) instanceof Long time ? time : Long.MAX_VALUE)
            .sorted()
            .toList();
    call("SLOWLOG", "RESET");
    return micros;
  }

  private static boolean isLoading() {
    try (RedisConnection connection = redis.connect()) {
      return text(connection.call(Command.of("INFO", "persistence"))).contains("loading:1");
    }
  }

  private static void patiently(String name, Object... arguments) {
    try (RedisConnection connection = redis.connect()) {
      connection.send(List.of(Command.of(name, arguments)));
      connection.receive(1, Duration.ofMinutes(1));
    }
  }

  private static long usedMemory() {
    return text(call("INFO", "memory"))
        .lines()
        .filter(line -> line.startsWith("used_memory:"))
        .mapToLong(line -> Long.parseLong(line.substring("used_memory:".length())))
        .sum();
  }

  private RunningSink sink(String... settings) {
    Map<String, String> properties = new HashMap<>();
    properties.put("name", "analytics");
    properties.put("redis.uri", redis.uri());
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    RedisStreamSinkConfig config = new RedisStreamSinkConfig(properties);
    return FakeWorker.assigned(
        new RunningSink(
            config, RedisConnections.of(config.redis()), context, UnpublishedMetrics.task(), clock),
        "claims");
  }

  private static List<SinkRecord> records(int from, int to, String more) {
    return IntStream.range(from, to).mapToObj(i -> record(i, i + " " + more)).toList();
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord record(long offset, Object value) {
    return new SinkRecord("claims", 0, null, null, null, value, offset);
  }

  private static List<String> offsets() {
    return Replies.entries(call("XRANGE", STREAM, "-", "+")).stream()
        .map(entry -> new String(entry.value(0), StandardCharsets.UTF_8))
        .map(value -> value.substring(0, value.indexOf(' ')))
        .toList();
  }

  private static List<String> offsets(int from, int to) {
    return IntStream.range(from, to).mapToObj(String::valueOf).toList();
  }

  private static String text(@Nullable Object reply) {
    return String.valueOf(Replies.text(reply));
  }

  private static @Nullable Object call(String name, Object... arguments) {
    try (RedisConnection connection = redis.connect()) {
      return connection.call(Command.of(name, arguments));
    }
  }
}
