/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import io.claimstream.benchmarks.baseline.CountingSink;
import io.claimstream.benchmarks.throughput.Streams.Window;
import io.claimstream.connect.sink.RedisStreamSinkConnector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A sink that reads a topic from its beginning in each run: Claimstream's, another one that the
 * user brings, or the baseline.
 */
final class SinkCandidate implements Candidate {
  private final Session session;
  private final String name;
  private final Kind kind;
  private final long entries;
  private final Template config;

  private enum Kind {
    OURS,
    OTHER,
    BASELINE
  }

  private SinkCandidate(Session session, String name, Kind kind, long entries, Template config) {
    this.session = session;
    this.name = name;
    this.kind = kind;
    this.entries = entries;
    this.config = config;
  }

  /** Returns Claimstream's sink with that delivery guarantee. */
  static SinkCandidate ours(
      Session session, Converter converter, TopicLog topic, long entries, String delivery) {
    Map<String, String> config = shared(session, converter, topic);
    config.put("connector.class", RedisStreamSinkConnector.class.getName());
    config.put("redis.uri", "{{redis.uri}}");
    config.put("redis.stream", "{{stream}}");
    config.put("redis.delivery", delivery);
    return new SinkCandidate(session, "sink-" + delivery, Kind.OURS, entries, new Template(config));
  }

  /** Returns the sink of a template, with the converter and the consumer of ours. */
  static SinkCandidate other(Session session, Template template, TopicLog topic, long entries) {
    return new SinkCandidate(
        session,
        "other-sink",
        Kind.OTHER,
        entries,
        template.orElse(shared(session, Converter.JSON, topic)));
  }

  /** Returns the sink that only counts. */
  static SinkCandidate baseline(
      Session session, Converter converter, TopicLog topic, long entries) {
    Map<String, String> config = shared(session, converter, topic);
    config.put("connector.class", CountingSink.class.getName());
    config.put("entries", Long.toString(entries));
    config.put("file", "{{file}}");
    return new SinkCandidate(session, "counting", Kind.BASELINE, entries, new Template(config));
  }

  private static Map<String, String> shared(Session session, Converter converter, TopicLog topic) {
    Map<String, String> config = new HashMap<>();
    config.put("tasks.max", "1");
    config.put("topics", topic.name());
    config.put("consumer.override.auto.offset.reset", "earliest");
    config.put("consumer.override.isolation.level", "read_committed");
    config.put("consumer.override.max.poll.records", "2000");
    config.putAll(converter.settings(session.servers().registry().apicurioUrl()));
    return config;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Measurement run(Worker worker, boolean verified) {
    return kind == Kind.BASELINE ? count(worker) : append(worker);
  }

  private Measurement append(Worker worker) {
    String connector = session.unique(name);
    String stream = "claims:analytics:" + connector;
    worker.create(
        connector,
        config.fill(
            Map.of(
                "name", connector,
                "redis.uri", session.servers().redis().uri(),
                "stream", stream)));
    Streams streams = session.streams();
    double cpu = awaitCpuSeconds(worker, connector, () -> streams.length(stream));
    worker.delete(connector);
    long appended = streams.length(stream);
    // another connector may promise no more than at-least-once
    if (kind == Kind.OTHER ? appended < entries : appended != entries) {
      throw new BenchmarkException(
          name + ": " + appended + " entries of " + entries + " records", null);
    }
    Window window = streams.window(stream).orElseThrow();
    streams.remove(stream);
    return new Measurement(entries, window.seconds(), cpu);
  }

  private Measurement count(Worker worker) {
    String connector = session.unique(name);
    try {
      Path folder = Files.createTempDirectory("counting-sink");
      Path file = folder.resolve("counted");
      worker.create(connector, config.fill(Map.of("file", file.toString())));
      awaitCpuSeconds(worker, connector, () -> Files.exists(file) ? entries : 0);
      worker.delete(connector);
      String[] counted = Files.readString(file).split(" ", -1);
      if (Long.parseLong(counted[0]) != entries) {
        throw new BenchmarkException(name + " counted " + counted[0] + " of " + entries, null);
      }
      Files.delete(file);
      Files.delete(folder);
      Window window = new Window(Long.parseLong(counted[1]), Long.parseLong(counted[2]));
      return new Measurement(entries, window.seconds(), Long.parseLong(counted[3]) / 1e9);
    } catch (IOException e) {
      throw new BenchmarkException("cannot read the sink's count", e);
    }
  }

  private double awaitCpuSeconds(Worker worker, String connector, LongSupplier arrived) {
    return new Progress(arrived, entries, worker.stat()::cpuSeconds, () -> worker.check(connector))
        .awaitCpuSeconds();
  }
}
