/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import io.claimstream.benchmarks.baseline.ReadyMadeSource;
import io.claimstream.connect.source.RedisStreamSourceConnector;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A source that fills a new topic in each run: Claimstream's with a whole stream, or the baseline.
 */
final class SourceCandidate implements Candidate {
  /** Default batch size of Claimstream's source; a transaction of either source has this size. */
  private static final int BATCH = 2_000;

  private final Session session;
  private final String name;
  private final boolean ours;
  private final String stream;
  private final long entries;
  private final Map<String, String> config;

  private SourceCandidate(
      Session session,
      String name,
      boolean ours,
      String stream,
      long entries,
      Map<String, String> config) {
    this.session = session;
    this.name = name;
    this.ours = ours;
    this.stream = stream;
    this.entries = entries;
    this.config = config;
  }

  /** Returns {@link #ours(Session, Converter, String, long, Map)} with default settings. */
  static SourceCandidate ours(Session session, Converter converter, String stream, long entries) {
    return ours(session, converter, stream, entries, Map.of());
  }

  /** Returns Claimstream's source, reading a whole stream with exactly-once support. */
  static SourceCandidate ours(
      Session session,
      Converter converter,
      String stream,
      long entries,
      Map<String, String> settings) {
    Map<String, String> config = shared(session, converter);
    config.put("connector.class", RedisStreamSourceConnector.class.getName());
    config.put("redis.uri", session.servers().redis().uri());
    config.put("redis.streams", stream);
    config.putAll(settings);
    return new SourceCandidate(session, name("source", converter), true, stream, entries, config);
  }

  /** Returns the source that reads nothing. */
  static SourceCandidate baseline(Session session, Converter converter, long entries) {
    Map<String, String> config = shared(session, converter);
    config.put("connector.class", ReadyMadeSource.class.getName());
    config.put("entries", Long.toString(entries));
    config.put("batch", Integer.toString(BATCH));
    return new SourceCandidate(session, name("ready-made", converter), false, "", entries, config);
  }

  private static String name(String what, Converter converter) {
    return what + "-" + converter.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Map<String, String> shared(Session session, Converter converter) {
    Map<String, String> config = new HashMap<>();
    config.put("tasks.max", "1");
    config.put("exactly.once.support", "required");
    config.putAll(session.options().boundary().settings());
    config.putAll(session.options().producer().overrides());
    config.putAll(converter.settings(session.servers().registry().apicurioUrl()));
    return config;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Measurement run(Worker worker, boolean verified) {
    String connector = session.unique(name);
    try (TopicLog topic = session.topic(name)) {
      Measurement measured = fill(worker, connector, topic, connector);
      if (verified) {
        verify(topic);
      }
      topic.delete();
      if (ours) {
        session.streams().destroyGroup(stream, connector);
      }
      return measured;
    }
  }

  /** Fills a topic and leaves the group in its final state. */
  Measurement fill(Worker worker, String connector, TopicLog topic, String group) {
    Map<String, String> named = new HashMap<>(config);
    named.put("topic", topic.name());
    if (ours) {
      named.put("redis.group", group);
    }
    worker.create(connector, named);
    double cpu =
        new Progress(topic::end, entries, worker.stat()::cpuSeconds, () -> worker.check(connector))
            .awaitCpuSeconds();
    if (ours && session.streams().pending(stream, group) != 0) {
      throw new BenchmarkException("entries that are in Kafka are not acknowledged", null);
    }
    worker.delete(connector);
    return new Measurement(entries, topic.window().seconds(), cpu);
  }

  private void verify(TopicLog topic) {
    long records = topic.committedRecords(entries);
    if (records != entries) {
      throw new BenchmarkException(
          name + ": " + records + " records of " + entries + " entries", null);
    }
  }
}
