/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.stack.Deviation;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Streams by pattern on a real worker with exactly-once support. All streams of a test go to one
 * topic. {@code -Pchaos} makes the random test longer.
 */
class StreamPatternIT extends SourceTestBase {
  private static final Duration STEPS =
      Duration.ofSeconds(Integer.getInteger("pattern.seconds", 25));
  private static final int KILLS = Integer.getInteger("pattern.kills", 2);

  private final AtomicBoolean enough = new AtomicBoolean();
  private final List<CompletableFuture<List<String>>> load = new ArrayList<>();

  StreamPatternIT(Stack stack) {
    super(stack);
  }

  @AfterEach
  void endLoad() {
    enough.set(true);
    load.forEach(CompletableFuture::join);
  }

  private String name(String suffix) {
    return stream + ':' + suffix;
  }

  private void startPattern(String... more) {
    Map<String, String> settings = settings(more);
    settings.remove("redis.streams");
    settings.putIfAbsent("redis.streams.pattern", name("*"));
    settings.putIfAbsent("redis.streams.pattern.interval.ms", "1000");
    settings.putIfAbsent("topic", topic.name());
    settings.putIfAbsent("tasks.max", "2");
    settings.put("event.format", "generic"); // the value has the stream's name
    ObjectNode config = stack.example("claims-pattern-source.json", settings);
    stack.connect().createOrUpdate(connector, config);
  }

  private void awaitTasks(int tasks) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> runs(stack.connect(), connector, tasks));
  }

  private List<String> added(String of, int count) {
    return redis.addClaims(of, count).stream().map(id -> of + '/' + id).toList();
  }

  private List<String> arrived() {
    return topic.records().stream().map(StreamPatternIT::origin).toList();
  }

  private static String origin(ConsumerRecord<byte[], byte[]> record) {
    JsonNode value = json(record);
    return value.path("stream").asText() + '/' + value.path("id").asText();
  }

  private void awaitArrived(Set<String> expected) {
    topic.await(expected.size(), PATIENCE);
    assertThat(arrived()).containsExactlyInAnyOrderElementsOf(expected);
  }

  private long exists(String key) {
    return redis.call("EXISTS", key) instanceof Long number ? number : -1;
  }

  private void awaitLog(String... words) {
    await().atMost(PATIENCE).until(() -> !stack.log(words).isEmpty());
  }

  /** Adds claims to a stream until the test has enough of them. */
  private CompletableFuture<List<String>> startLoad(String of, int batch) {
    CompletableFuture<List<String>> running =
        CompletableFuture.supplyAsync(
            () -> {
              List<String> ids = new ArrayList<>();
              try (Redis producer = stack.redis()) {
                while (!enough.get()) {
                  producer.addClaims(of, batch).forEach(id -> ids.add(of + '/' + id));
                  pause(Duration.ofMillis(50));
                }
              }
              return ids;
            });
    load.add(running);
    return running;
  }

  @Test
  void aStreamThatIsAddedWhileTheConnectorRunsIsReadFromItsBeginning() {
    // given two streams, and the dead letter stream of the example in the same database
    Set<String> expected = new HashSet<>(added(name("a"), 10));
    expected.addAll(added(name("b"), 10));
    startPattern();
    awaitTasks(2);
    awaitArrived(expected);

    // when a third one comes with entries
    expected.addAll(added(name("c"), 10));
    awaitLog(connector, "found 1 more streams", name("c"));
    expected.addAll(added(name("c"), 10));
    expected.addAll(added(name("a"), 10));

    // then
    awaitArrived(expected);
    for (String suffix : List.of("a", "b", "c")) {
      await().atMost(PATIENCE).until(() -> redis.pending(name(suffix), GROUP) == 0);
    }
  }

  @Test
  void aConnectorWithoutAStreamWaitsForOne() {
    startPattern();
    awaitLog(connector, "no stream matches", "it runs no task until one does");
    assertThat(stack.connect().status(connector).path("tasks")).isEmpty();
    redis.call("SET", name("text"), "no stream");

    Set<String> expected = new HashSet<>(added(name("a"), 10));

    awaitTasks(1);
    awaitArrived(expected);

    // and when that one is deleted, it waits again
    redis.call("DEL", name("a"));
    awaitTasks(0);
    awaitState("RUNNING");
    expected.addAll(added(name("a"), 10));
    awaitTasks(1);
    awaitArrived(expected);
  }

  @Test
  void aWorkerThatStartsWhileRedisIsUnavailableKeepsTheTasks() {
    // given two streams in two tasks
    Set<String> expected = new HashSet<>(added(name("a"), 10));
    expected.addAll(added(name("b"), 10));
    int port = URI.create(stack.servers().redis().uri()).getPort();
    try (InterruptibleProxy proxy = new InterruptibleProxy(port)) {
      List<String> settings = new ArrayList<>();
      settings.addAll(List.of("redis.uri", "redis://127.0.0.1:" + proxy.port()));
      Deviation.of(Deviation.Server.SOURCE_OF_KILLED_WORKERS)
          .forEach((name, value) -> settings.addAll(List.of(name, value)));
      startPattern(settings.toArray(String[]::new));
      awaitTasks(2);
      awaitArrived(expected);

      // when Redis is unavailable, a worker is killed, and streams go on elsewhere
      proxy.interrupt();
      awaitLog(connector, "and the search is retried");
      stack.servers().connect().kill();
      expected.addAll(added(name("a"), 10));
      expected.addAll(added(name("c"), 10));
      stack.servers().connect().restart();
      awaitLog("are not known yet, so the tasks of connector '" + connector + "'");
      awaitTasks(2);
      proxy.open();

      // then
      awaitArrived(expected);
      awaitTasks(2);
    }
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void aStreamDeletedUnderLoadIsLetGoAndTheOthersAreReadOn() {
    // given three streams in two tasks, one of which has been read
    Set<String> expected = new HashSet<>(added(name("gone"), 100));
    startPattern();
    awaitArrived(expected);
    CompletableFuture<List<String>> a = startLoad(name("a"), 20);
    CompletableFuture<List<String>> b = startLoad(name("b"), 20);
    awaitTasks(2);
    await().atMost(PATIENCE).until(() -> redis.pending(name("gone"), GROUP) == 0);

    // when
    redis.call("DEL", name("gone"));

    // then
    awaitLog(connector, "1 streams do not exist any more", name("gone"));
    int before = topic.records().size();
    topic.await(before + 1_000, PATIENCE);
    assertThat(exists(name("gone"))).isZero();
    stack.connect().awaitRunning(connector, PATIENCE);

    // and when it comes back, it is read again
    expected.addAll(added(name("gone"), 100));
    awaitLog(connector, "found 1 more streams", name("gone"));
    expected.addAll(added(name("gone"), 100));
    enough.set(true);
    expected.addAll(a.join());
    expected.addAll(b.join());
    awaitArrived(expected);
    await().atMost(PATIENCE).until(() -> redis.pending(name("gone"), GROUP) == 0);
    System.out.printf("deleted under load: %d entries, each arrived once%n", expected.size());
  }

  @Test
  void aStreamThatGoesAndComesBeforeAnybodySearchesIsReadAgainByItsConsumer() {
    // given searches that are far apart
    Set<String> expected = new HashSet<>(added(name("a"), 10));
    startPattern("redis.streams.pattern.interval.ms", "3600000");
    awaitArrived(expected);

    // when
    redis.call("DEL", name("a"));
    awaitLog("Stream '" + name("a") + "' was deleted");
    assertThat(exists(name("a"))).isZero();
    expected.addAll(added(name("a"), 10));

    // then
    awaitArrived(expected);
    awaitLog("Stream '" + name("a") + "' exists again");
  }

  @Test
  void theOffsetsApiReplaysAStreamThatThePatternFound() {
    // given
    List<String> ids = redis.addClaims(name("a"), 10);
    Set<String> expected = new HashSet<>();
    ids.forEach(id -> expected.add(name("a") + '/' + id));
    expected.addAll(added(name("gone"), 5));
    startPattern();
    awaitArrived(expected);
    redis.call("DEL", name("gone"));
    awaitLog(connector, "1 streams do not exist any more", name("gone"));

    // when
    stack.connect().stop(connector);
    awaitState("STOPPED");
    assertThatThrownBy(
            () -> stack.connect().patchOffsets(connector, offset("payments", ids.get(0))))
        .hasMessageContaining("400")
        .hasMessageContaining("this connector has no partition");
    stack.connect().patchOffsets(connector, offset(name("a"), ids.get(4)));
    stack.connect().resume(connector);

    // then the entries after that id come again, and the deleted stream stays deleted
    topic.await(20, PATIENCE);
    List<String> all = arrived();
    assertThat(all).hasSize(20);
    assertThat(all.stream().filter(one -> one.startsWith(name("a")))).hasSize(15);

    // and when all offsets are deleted, the whole stream comes again
    stack.connect().stop(connector);
    awaitState("STOPPED");
    stack.connect().deleteOffsets(connector);
    stack.connect().resume(connector);
    topic.await(30, PATIENCE);
    assertThat(arrived()).hasSize(30);
    assertThat(exists(name("gone"))).isZero();
  }

  private ObjectNode offset(String of, String id) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode entry = body.withArray("offsets").addObject();
    entry
        .putObject("partition")
        .put("stream", of)
        .put("group", GROUP)
        .put("consumer", connector + "-0");
    entry.putObject("offset").put("id", id);
    return body;
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void streamsThatComeAndGoAtRandomWhileWorkersAreKilledLoseAndRepeatNothing() {
    // given streams of two kinds: some stay, and some are deleted, read or not
    long seed = Long.getLong("test.seed", System.nanoTime());
    Random random = new Random(seed);
    List<String> settings = new ArrayList<>(List.of("redis.read.count", "200"));
    Deviation.of(Deviation.Server.SOURCE_OF_KILLED_WORKERS)
        .forEach((name, value) -> settings.addAll(List.of(name, value)));
    Map<String, CompletableFuture<List<String>>> staying = new TreeMap<>();
    staying.put("stay-0", startLoad(name("stay-0"), 4));
    startPattern(settings.toArray(String[]::new));
    Map<String, List<String>> going = new LinkedHashMap<>();
    ConcurrentLinkedQueue<String> deleted = new ConcurrentLinkedQueue<>();
    Set<String> expected = new HashSet<>();
    Set<String> perhaps = new HashSet<>();
    int deletions = 0;
    int kills = 0;

    // when
    long end = System.nanoTime() + STEPS.toNanos();
    while (System.nanoTime() < end || kills < KILLS) {
      switch (random.nextInt(6)) {
        case 0 -> {
          if (staying.size() < 6) {
            String suffix = "stay-" + staying.size();
            staying.put(suffix, startLoad(name(suffix), 4));
          }
        }
        case 1, 2 -> {
          String suffix = "go-" + random.nextInt(3);
          List<String> some = added(name(suffix), 1 + random.nextInt(50));
          going.computeIfAbsent(suffix, key -> new ArrayList<>()).addAll(some);
          expected.addAll(some);
        }
        case 3, 4 -> {
          String suffix = "go-" + random.nextInt(3);
          List<String> some = going.getOrDefault(suffix, List.of());
          boolean read = random.nextBoolean();
          if (!some.isEmpty() && (!read || hasArrived(some))) {
            redis.call("DEL", name(suffix));
            going.remove(suffix);
            deleted.add(suffix);
            deletions++;
            if (!read) {
              some.forEach(expected::remove);
              perhaps.addAll(some);
            }
          }
        }
        default -> {
          if (kills < KILLS
              && System.nanoTime() > end - STEPS.toNanos() * (KILLS - kills) / (KILLS + 1)) {
            stack.servers().connect().kill();
            stack.servers().connect().restart();
            kills++;
          }
        }
      }
      deleted.removeIf(going::containsKey);
      for (String suffix : deleted) {
        assertThat(exists(name(suffix))).as("%s, test.seed=%d", suffix, seed).isZero();
      }
      pause(Duration.ofMillis(random.nextInt(700)));
    }
    enough.set(true);
    staying.values().forEach(each -> expected.addAll(each.join()));

    // then
    await().atMost(Duration.ofMinutes(3)).until(() -> hasArrived(expected));
    List<String> all = arrived();
    Set<String> unknown = new HashSet<>(all);
    unknown.removeAll(expected);
    unknown.removeAll(perhaps);
    System.out.printf(
        "streams by pattern: %d entries, and %d in streams deleted unread, %d streams stay, %d"
            + " deletions, %d kills, %d records, %d repeated, test.seed=%d%n",
        expected.size(),
        perhaps.size(),
        staying.size(),
        deletions,
        kills,
        all.size(),
        all.size() - new HashSet<>(all).size(),
        seed);
    assertThat(unknown).as("test.seed=%d", seed).isEmpty();
    assertThat(all).as("test.seed=%d", seed).doesNotHaveDuplicates();
    stack.connect().awaitRunning(connector, PATIENCE);
  }

  private boolean hasArrived(Collection<String> some) {
    return new HashSet<>(arrived()).containsAll(some);
  }

  /** A pace: nothing to wait for. */
  private static void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }
}
