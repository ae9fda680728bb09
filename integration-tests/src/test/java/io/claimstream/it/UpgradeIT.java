/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.stack.ConnectRest;
import io.claimstream.stack.ConnectWorker;
import io.claimstream.stack.Deviation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Another version of the plugin before and after this build's, under load, with the state of each
 * other: upgrades and downgrades. The other versions are the zips in {@code
 * -Dclaimstream.previous.zip}, separated by commas, which {@code integration-tests/previous-zip}
 * builds; without any the test is skipped.
 */
@ExtendWith(Stack.class)
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class UpgradeIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String PREVIOUS = System.getProperty("claimstream.previous.zip", "");
  private static final String STATE_SINK =
      "io.claimstream.connect.sink.state.RedisStateSinkConnector";
  private static final Path CURRENT = Path.of(System.getProperty("plugin.zip", ""));
  private static final int CLAIMS = 500;
  private static final int BATCH = 50;
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final String GROUP = "claims-processors";
  private static final String OLD = "0.0.1";
  private static final String NEW = "0.0.2";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Stack stack;
  private final long seed = Long.getLong("test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  UpgradeIT(Stack stack) {
    this.stack = stack;
  }

  @BeforeAll
  static void thereIsAPreviousVersion() {
    Assumptions.assumeFalse(
        PREVIOUS.isEmpty(), "no -Dclaimstream.previous.zip=…: see integration-tests/previous-zip");
  }

  private static Stream<Path> previous() {
    return Arrays.stream(PREVIOUS.split(",", -1)).map(Path::of);
  }

  /** How a worker ends before its plugin folder is exchanged. */
  private enum End {
    KILLED,
    STOPPED
  }

  @ParameterizedTest
  @MethodSource("previous")
  void aWorkerWhosePluginIsExchangedWithEntriesInFlightLosesAndRepeatsNothing(Path previous) {
    PluginFolder plugins = plugins();
    plugins.exchange(previous, OLD);
    try (ConnectWorker worker = stack.worker(plugins.pluginPath(), cluster());
        Work work = new Work(previous, worker.rest())) {
      // given
      work.begin();
      work.awaitVersion(worker.rest(), OLD);
      work.awaitProgress();

      // when
      List<Long> pending = new ArrayList<>();
      String version = OLD;
      for (End end : List.of(End.KILLED, End.KILLED, End.STOPPED, End.STOPPED, End.KILLED)) {
        pauseUpTo(1_000);
        work.awaitPending();
        end(worker, end);
        pending.add(work.pending());
        version = version.equals(OLD) ? NEW : OLD;
        plugins.exchange(version.equals(OLD) ? previous : CURRENT, version);
        worker.restart();
        work.awaitVersion(worker.rest(), version);
        work.awaitProgress();
      }

      // then
      work.assertEachEntryOnce(
          "upgrades and downgrades of one worker (3 kills, 2 stops), pending at each " + pending);
    }
  }

  @ParameterizedTest
  @MethodSource("previous")
  void workersThatAreUpgradedAndDowngradedInTurnLoseAndRepeatNothing(Path previous) {
    PluginFolder first = plugins();
    PluginFolder second = plugins();
    first.exchange(previous, OLD);
    second.exchange(previous, OLD);
    Map<String, String> cluster = cluster();
    try (ConnectWorker one = stack.worker(first.pluginPath(), cluster);
        ConnectWorker other = stack.worker(second.pluginPath(), cluster);
        Work work = new Work(previous, one.rest())) {
      // given
      work.begin();
      work.awaitRunning(other.rest());
      work.awaitProgress();

      // when
      exchange(one, first, CURRENT, NEW, work);
      exchange(other, second, CURRENT, NEW, work);
      work.awaitVersion(other.rest(), NEW);
      exchange(one, first, previous, OLD, work);
      exchange(other, second, previous, OLD, work);
      work.awaitVersion(other.rest(), OLD);

      // then
      work.assertEachEntryOnce("a rolling upgrade and downgrade of two workers");
    }
  }

  private static void end(ConnectWorker worker, End how) {
    switch (how) {
      case KILLED -> worker.kill();
      case STOPPED -> worker.close();
    }
  }

  private void exchange(
      ConnectWorker worker, PluginFolder plugins, Path zip, String version, Work work) {
    pauseUpTo(1_000);
    worker.close();
    plugins.exchange(zip, version);
    worker.restart();
    work.awaitRunning(worker.rest());
    work.awaitProgress();
  }

  private PluginFolder plugins() {
    return new PluginFolder(stack.directory(Stack.unique("upgraded")).resolve("plugins"));
  }

  private static Map<String, String> cluster() {
    return Map.of("group.id", Stack.unique("upgrade"));
  }

  /** The moment of an exchange is the one thing here that must not wait for a condition. */
  private void pauseUpTo(int millis) {
    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(millis)).toNanos());
  }

  /** Connectors of all kinds, and the load that they carry. */
  private final class Work implements AutoCloseable {
    private final Path from;
    private final ConnectRest rest;
    private final String source = Stack.unique("source");
    private final String wide = Stack.unique("wide");
    private final String sink = Stack.unique("sink");
    private final String states = Stack.unique("states");
    private final String stream = Stack.unique("claims:events");
    private final String wideStream = Stack.unique("claims:wide");
    private final String written = Stack.unique("claims:analytics");
    private final String prefix = Stack.unique("claim");
    private final Topic topic = stack.topic(stream.replace(':', '.'));
    private final Topic wideTopic = stack.topic(wideStream.replace(':', '.'));
    private final Redis redis = stack.redis();
    private final List<String> ids = new ArrayList<>();
    private final List<String> wideIds = new ArrayList<>();
    private volatile boolean isDone;
    private boolean hasStates;
    private CompletableFuture<Void> load = CompletableFuture.completedFuture(null);

    Work(Path from, ConnectRest rest) {
      this.from = from;
      this.rest = rest;
    }

    void begin() {
      System.out.printf("upgrade from %s: -Dtest.seed=%d%n", from, seed);
      stack.createTopics(Map.of(topic.name(), 3, wideTopic.name(), 3));
      load = CompletableFuture.runAsync(this::produce);
      post(source, "claims-source.json", Map.of("redis.streams", stream));
      post(
          wide,
          "claims-source.json",
          Map.of("redis.streams", wideStream, "tasks.max", "3", "redis.consumers.per.stream", "3"));
      post(
          sink,
          "claims-analytics-sink.json",
          Map.of(
              "topics",
              topic.name(),
              "redis.stream",
              written,
              "tasks.max",
              "2",
              "errors.tolerance",
              "none",
              "consumer.override.group.id",
              sink));
      hasStates = rest.get("/connector-plugins").findValuesAsText("class").contains(STATE_SINK);
      if (hasStates) {
        postStates();
      }
      awaitRunning(rest);
    }

    private void postStates() {
      post(
          states,
          "claims-snapshots-sink.json",
          Map.of(
              "topics",
              topic.name(),
              "redis.key",
              prefix + ":${key}",
              "tasks.max",
              "2",
              "errors.tolerance",
              "none"));
    }

    private void post(String name, String example, Map<String, String> settings) {
      Map<String, String> all = new HashMap<>(settings);
      all.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
      all.put("value.converter.schemas.enable", "false");
      if (example.equals("claims-source.json")) {
        all.putAll(Deviation.of(Deviation.Server.SOURCE_OF_TESTS));
        all.putAll(Deviation.of(Deviation.Server.SOURCE_OF_KILLED_WORKERS));
      } else {
        all.putAll(Deviation.of(Deviation.Server.SINK_OF_TESTS));
      }
      rest.createOrUpdate(name, stack.example(example, all));
    }

    private List<String> connectors() {
      return hasStates ? List.of(source, wide, sink, states) : List.of(source, wide, sink);
    }

    private void produce() {
      try (Redis producer = stack.redis()) {
        for (int n = 0; !isDone; n += BATCH) {
          List<List<Object>> entries = new ArrayList<>();
          for (int i = n; i < n + BATCH; i++) {
            entries.add(
                List.of("type", "claim_submitted", "claim_id", "CLM-" + i % CLAIMS, "amount", i));
          }
          ids.addAll(producer.addAll(stream, entries));
          wideIds.addAll(producer.addAll(wideStream, entries));
          LockSupport.parkNanos(PAUSE.toNanos());
        }
      }
    }

    /** Waits until all connectors run, by a worker that may just have joined. */
    void awaitRunning(ConnectRest worker) {
      connectors().forEach(name -> worker.awaitRunning(name, PATIENCE));
    }

    /** Waits until all connectors and tasks run, and are of that version. */
    void awaitVersion(ConnectRest worker, String version) {
      awaitRunning(worker);
      for (String name : connectors()) {
        await()
            .atMost(PATIENCE)
            .ignoreExceptions() // a rebalance has no status
            .untilAsserted(
                () -> {
                  JsonNode status = worker.status(name);
                  assertThat(status.path("tasks")).isNotEmpty();
                  assertThat(status.findValuesAsText("version")).containsOnly(version);
                  assertThat(status.findValuesAsText("state")).containsOnly("RUNNING");
                });
      }
    }

    /** Waits until every connector has done some work since now. */
    void awaitProgress() {
      long read = topic.size() + 1_000;
      long wideRead = wideTopic.size() + 1_000;
      long appended = length() + 1_000;
      await()
          .atMost(PATIENCE)
          .until(() -> topic.size() > read && wideTopic.size() > wideRead && length() > appended);
    }

    private long length() {
      return redis.call("XLEN", written) instanceof Long length ? length : 0;
    }

    /** Waits for a moment in which entries are in flight. */
    void awaitPending() {
      await()
          .atMost(PATIENCE)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> pending() > 0);
    }

    long pending() {
      return redis.pending(stream, GROUP) + redis.pending(wideStream, GROUP);
    }

    void assertEachEntryOnce(String what) {
      isDone = true;
      load.join();
      topic.await(ids.size(), PATIENCE);
      wideTopic.await(wideIds.size(), PATIENCE);
      await().atMost(PATIENCE).until(() -> length() >= ids.size() && pending() == 0);

      List<String> produced = streamIds(topic);
      List<String> wideProduced = streamIds(wideTopic);
      List<String> appended = new ArrayList<>();
      Map<String, List<EntryId>> ofClaim = new TreeMap<>();
      redis
          .entries(written)
          .forEach(
              entry -> {
                Map<String, String> fields = Redis.fields(entry);
                String id = fields.getOrDefault("stream_id", "none");
                appended.add(id);
                ofClaim
                    .computeIfAbsent(fields.getOrDefault("claim_id", ""), c -> new ArrayList<>())
                    .add(EntryId.parse(id));
              });
      Map<String, String> last = new HashMap<>();
      ofClaim.forEach((claim, all) -> last.put(claim, String.valueOf(all.get(all.size() - 1))));
      await().atMost(PATIENCE).until(() -> !hasStates || wrongStates(last) == 0);
      System.out.printf(
          "upgrade, %s: %d entries: source %s; with 3 consumers, %d entries: %s;"
              + " append sink %s; %s; %d pending, from %s, test.seed=%d%n",
          what,
          ids.size(),
          figures(ids, produced),
          wideIds.size(),
          figures(wideIds, wideProduced),
          figures(ids, appended),
          hasStates
              ? "state sink " + last.size() + " keys, " + wrongStates(last) + " wrong"
              : "no state sink in that version",
          pending(),
          from,
          seed);
      assertThat(produced).as("produced").containsExactlyInAnyOrderElementsOf(ids);
      assertThat(wideProduced).as("by 3 consumers").containsExactlyInAnyOrderElementsOf(wideIds);
      assertThat(appended).as("appended").containsExactlyInAnyOrderElementsOf(ids);
      assertThat(last).hasSize(CLAIMS);
      assertThat(ofClaim).allSatisfy((claim, all) -> assertThat(all).isSorted());
    }

    private String figures(List<String> expected, List<String> arrived) {
      Set<String> lost = new HashSet<>(expected);
      lost.removeAll(new HashSet<>(arrived));
      return lost.size()
          + " lost, "
          + (arrived.size() - new HashSet<>(arrived).size())
          + " doubled";
    }

    private long wrongStates(Map<String, String> last) {
      return last.entrySet().stream()
          .filter(
              claim ->
                  !claim
                      .getValue()
                      .equals(
                          Replies.text(
                              redis.call("HGET", prefix + ":" + claim.getKey(), "stream_id"))))
          .count();
    }

    private List<String> streamIds(Topic read) {
      return read.records().stream()
          .map(
              record -> {
                try {
                  return JSON.readTree(record.value()).path("stream_id").asText();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              })
          .toList();
    }

    @Override
    public void close() {
      isDone = true;
      connectors().forEach(name -> rest.request("DELETE", "/connectors/" + name, null));
      redis.close();
    }
  }
}
