/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import io.claimstream.benchmarks.baseline.ReadyMadeSource;
import io.claimstream.connect.source.RedisStreamSourceConnector;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A source that fills a new topic in each run: Claimstream's with a whole stream, another one that
 * the user brings, or the baseline.
 */
final class SourceCandidate implements Candidate {
  /** Default batch size of Claimstream's source; the baseline's batches have this size. */
  private static final int BATCH = 5_000;

  private final Session session;
  private final String name;
  private final Kind kind;
  private final Transactions transactions;
  private final String stream;
  private final long entries;
  private final Template config;

  private enum Kind {
    OURS,
    OTHER,
    BASELINE
  }

  private SourceCandidate(
      Session session,
      String name,
      Kind kind,
      Transactions transactions,
      String stream,
      long entries,
      Template config) {
    this.session = session;
    this.name = name;
    this.kind = kind;
    this.transactions = transactions;
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
    config.put("topic", "{{topic}}");
    config.put("redis.uri", "{{redis.uri}}");
    config.put("redis.streams", "{{stream}}");
    config.put("redis.group", "{{group}}");
    config.putAll(settings);
    return new SourceCandidate(
        session,
        name("source", converter),
        Kind.OURS,
        Transactions.BY_CONNECT,
        stream,
        entries,
        new Template(config));
  }

  /** Returns the source of a template, with the converter and the producer of ours. */
  static SourceCandidate other(Session session, Template template, String stream, long entries) {
    return new SourceCandidate(
        session,
        "other-source",
        Kind.OTHER,
        Transactions.NONE,
        stream,
        entries,
        template.orElse(shared(session, Converter.JSON)));
  }

  /** Returns the source that reads nothing. */
  static SourceCandidate baseline(Session session, Converter converter, long entries) {
    Map<String, String> config = shared(session, converter);
    config.put("connector.class", ReadyMadeSource.class.getName());
    config.put("topic", "{{topic}}");
    config.put("entries", Long.toString(entries));
    config.put("batch", Integer.toString(BATCH));
    return new SourceCandidate(
        session,
        name("ready-made", converter),
        Kind.BASELINE,
        Transactions.BY_CONNECT,
        "",
        entries,
        new Template(config));
  }

  /** Returns this source with other transactions. */
  SourceCandidate with(Transactions others) {
    return new SourceCandidate(
        session, name + others.suffix(), kind, others, stream, entries, config);
  }

  private static String name(String what, Converter converter) {
    return what + "-" + converter.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Map<String, String> shared(Session session, Converter converter) {
    Map<String, String> config = new HashMap<>();
    config.put("tasks.max", "1");
    config.putAll(session.options().producer().overrides());
    config.putAll(converter.settings(session.servers().registry().apicurioUrl()));
    return config;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Map<String, String> worker() {
    return transactions.worker();
  }

  @Override
  public Measurement run(Worker worker, boolean verified) {
    String connector = session.unique(name);
    long clients = session.streams().clients();
    try (TopicLog topic = session.topic(name)) {
      Measurement measured = fill(worker, connector, topic, connector);
      if (verified) {
        verify(topic);
      }
      topic.delete();
      if (kind != Kind.BASELINE) {
        // a task that still runs would recreate the group and read the stream again
        Progress.await(
            () -> session.streams().clients() <= clients, name + " keeps its connections to Redis");
        session.streams().destroyGroup(stream, connector);
      }
      return measured;
    }
  }

  /** Fills a topic and leaves the group in its final state. */
  Measurement fill(Worker worker, String connector, TopicLog topic, String group) {
    Map<String, String> values =
        Map.of(
            "name", connector,
            "redis.uri", session.servers().redis().uri(),
            "stream", stream,
            "group", group,
            "topic", topic.name());
    worker.create(connector, config.orElse(transactions.source(session.options())).fill(values));
    double cpu =
        new Progress(topic::end, entries, worker.stat()::cpuSeconds, () -> worker.check(connector))
            .awaitCpuSeconds();
    if (kind == Kind.OURS) {
      // without exactly-once support Kafka has the last records before the source knows of it
      Progress.await(
          () -> session.streams().pending(stream, group) == 0,
          "entries that are in Kafka are not acknowledged");
    }
    worker.delete(connector);
    return new Measurement(entries, topic.window().seconds(), cpu);
  }

  private void verify(TopicLog topic) {
    long records = topic.committedRecords(entries);
    // another connector may promise no more than at-least-once
    if (kind == Kind.OTHER ? records < entries : records != entries) {
      throw new BenchmarkException(
          name + ": " + records + " records of " + entries + " entries", null);
    }
  }
}
