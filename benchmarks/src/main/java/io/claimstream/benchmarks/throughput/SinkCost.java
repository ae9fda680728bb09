/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.benchmarks.baseline.ClaimEntries;
import io.claimstream.benchmarks.baseline.ReadyMadeEvents;
import io.claimstream.connect.sink.RedisStreamSinkTask;
import io.claimstream.connect.sink.state.RedisStateSinkTask;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.apache.kafka.connect.sink.SinkTaskContext;

/**
 * What a sink costs for each record, without Connect and Kafka: CPU of the task's thread, from
 * converted records on, and of Redis. Other load on the machine changes neither much.
 */
final class SinkCost {
  private static final int RECORDS = 200_000;
  private static final int BATCH = 2_000;
  private static final int WARM_UP = 2;
  private static final String TOPIC = "claims.analytics";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Session session;
  private final Report report;
  private final List<Object> values = values();

  SinkCost(Session session, Report report) {
    this.session = session;
    this.report = report;
  }

  private record Cost(double taskMicros, double redisMicros) {}

  private static List<Object> values() {
    try (JsonConverter json = new JsonConverter()) {
      json.configure(Map.of("schemas.enable", "false"), false);
      List<Object> values = new ArrayList<>();
      for (Struct event : ReadyMadeEvents.of(10_000)) {
        byte[] record = json.fromConnectData(TOPIC, event.schema(), event);
        values.add(requireNonNull(json.toConnectData(TOPIC, record).value()));
      }
      return values;
    }
  }

  void measure() {
    Map<String, Supplier<Cost>> candidates = new LinkedHashMap<>();
    candidates.put("XADD alone", this::append);
    candidates.put(
        "at-least-once", () -> sink(new RedisStreamSinkTask(), "redis.delivery", "at-least-once"));
    candidates.put(
        "exactly-once", () -> sink(new RedisStreamSinkTask(), "redis.delivery", "exactly-once"));
    candidates.put("state, hash", () -> sink(new RedisStateSinkTask(), "redis.type", "hash"));
    candidates.put(
        "state, json-string", () -> sink(new RedisStateSinkTask(), "redis.type", "json-string"));
    Map<String, List<Cost>> costs = new LinkedHashMap<>();
    for (int round = 0; round < WARM_UP + session.options().runs(); round++) {
      for (Map.Entry<String, Supplier<Cost>> each : candidates.entrySet()) {
        List<Cost> some = costs.computeIfAbsent(each.getKey(), name -> new ArrayList<>());
        Cost cost = each.getValue().get();
        if (round >= WARM_UP) {
          some.add(cost);
        }
      }
    }
    ObjectNode part = report.part("sinks");
    report.say("| CPU per record, µs | task | Redis |\n|---|---|---|");
    costs.forEach(
        (name, some) -> {
          Statistics task = Statistics.of(some.stream().map(Cost::taskMicros).toList());
          Statistics redis = Statistics.of(some.stream().map(Cost::redisMicros).toList());
          ObjectNode node = part.putObject(name);
          Report.put(node, "taskMicros", task);
          Report.put(node, "redisMicros", redis);
          report.say("| " + name + " | " + task.text(2) + " | " + redis.text(2) + " |");
        });
  }

  private Cost append() {
    Streams streams = session.streams();
    String stream = session.unique("raw");
    double before = streams.cpuSeconds();
    streams.appendNanos(stream, RECORDS, ClaimEntries.usual());
    double cpu = streams.cpuSeconds() - before;
    streams.remove(stream);
    return new Cost(Double.NaN, cpu * 1e6 / RECORDS);
  }

  private Cost sink(SinkTask task, String setting, String value) {
    String name = session.unique("cost");
    Map<String, String> config = new HashMap<>();
    config.put("name", name);
    config.put("redis.uri", session.servers().redis().uri());
    config.put("consumer.override.isolation.level", "read_committed");
    config.put(setting, value);
    boolean isState = task instanceof RedisStateSinkTask;
    config.put(isState ? "redis.key" : "redis.stream", isState ? name + ":${key}" : name);
    task.initialize(context(config));
    task.start(config);
    try {
      task.open(Set.of(PARTITION));
      task.preCommit(Map.of(PARTITION, new OffsetAndMetadata(0)));
      return deliver(task);
    } finally {
      task.stop();
      session.streams().removeAll(name);
    }
  }

  private Cost deliver(SinkTask task) {
    Streams streams = session.streams();
    double before = streams.cpuSeconds();
    long nanos = 0;
    for (long first = 0; first < RECORDS; first += BATCH) {
      List<SinkRecord> records = new ArrayList<>(BATCH);
      for (long offset = first; offset < first + BATCH; offset++) {
        int number = (int) (offset % values.size());
        records.add(record("CLM-" + number, values.get(number), offset));
      }
      long begin = THREADS.getCurrentThreadCpuTime();
      task.put(records);
      nanos += THREADS.getCurrentThreadCpuTime() - begin;
    }
    task.put(List.of());
    task.preCommit(Map.of(PARTITION, new OffsetAndMetadata(RECORDS)));
    double redis = streams.cpuSeconds() - before;
    return new Cost(nanos / 1e3 / RECORDS, redis * 1e6 / RECORDS);
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord record(String key, Object value, long offset) {
    long now = System.currentTimeMillis();
    return new SinkRecord(TOPIC, 0, null, key, null, value, offset, now, TimestampType.CREATE_TIME);
  }

  /** A worker that only knows what the task is assigned. */
  private static SinkTaskContext context(Map<String, String> config) {
    return (SinkTaskContext)
        Proxy.newProxyInstance(
            SinkCost.class.getClassLoader(),
            new Class<?>[] {SinkTaskContext.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "assignment" -> Set.of(PARTITION);
                  case "configs" -> config;
                  case "pluginMetrics" -> throw new NoSuchMethodError("as in Connect 4.0");
                  default -> null;
                });
  }
}
