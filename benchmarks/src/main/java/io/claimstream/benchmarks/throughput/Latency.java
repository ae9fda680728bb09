/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.benchmarks.baseline.ClaimEntries;
import io.claimstream.connect.source.RedisStreamSourceConnector;
import io.claimstream.connect.source.range.RedisStreamRangeSourceConnector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.connect.source.SourceConnector;

/**
 * The latency of an event from just before its XADD until a consumer of committed records receives
 * it, at a steady rate; and the latency of Kafka alone, from a producer to that consumer. Sender
 * and reader are threads of this JVM and share its clock.
 */
final class Latency {
  private static final int PER_SECOND = 2_000;
  private static final int WARM_UP_SECONDS = 20;
  private static final int SIGNIFICANT_DIGITS = 4;
  private static final int RANGES = 3;

  /** The usual size of an event in JSON. */
  private static final int USUAL_BYTES = 300;

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(20);

  private final Session session;
  private final Report report;

  Latency(Session session, Report report) {
    this.session = session;
    this.report = report;
  }

  void measure() {
    ObjectNode part = report.part("latency").put("perSecond", PER_SECOND);
    report.say("| worker | p50 ms | p99 ms | p99.9 ms | max ms |\n|---|---|---|---|---|");
    int count = (WARM_UP_SECONDS + session.options().seconds()) * PER_SECOND;
    say(part, "exactly-once", ofSource(Map.of(), count, 0));
    say(part, "beside-ranges", ofSource(Map.of(), count, RANGES));
    say(
        part,
        "at-least-once",
        ofSource(Map.of("exactly.once.source.support", "disabled"), count, 0));
    say(part, "kafka-alone", ofKafkaAlone(count));
  }

  private void say(ObjectNode part, String name, Histogram micros) {
    ObjectNode node = part.putObject(name);
    StringBuilder line = new StringBuilder("| " + name + " |");
    double[] percentiles = {50, 99, 99.9, 100};
    String[] names = {"p50", "p99", "p999", "max"};
    for (int i = 0; i < percentiles.length; i++) {
      double millis = micros.getValueAtPercentile(percentiles[i]) / 1e3;
      node.put(names[i] + "Millis", Report.rounded(millis));
      line.append(String.format(Locale.ROOT, " %.1f |", millis));
    }
    report.say(line.toString());
  }

  private Histogram ofKafkaAlone(int count) {
    try (TopicLog topic = session.topic("latency");
        Arrivals arrivals = new Arrivals(topic.name(), count);
        KafkaProducer<String, byte[]> producer = producer()) {
      byte[] value = new byte[USUAL_BYTES];
      List<Future<RecordMetadata>> sends = new ArrayList<>(count);
      long[] sent =
          send(
              count,
              number ->
                  sends.add(producer.send(new ProducerRecord<>(topic.name(), number, value))));
      // fails unless every event has arrived
      Histogram micros = micros(sent, arrivals.await(), WARM_UP_SECONDS * PER_SECOND);
      topic.delete();
      return micros;
    }
  }

  private KafkaProducer<String, byte[]> producer() {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", session.servers().kafka().bootstrapServers(), "linger.ms", "0"),
        new StringSerializer(),
        new ByteArraySerializer());
  }

  /**
   * Measures the source.
   *
   * @param ranges number of range sources that read the same stream in the same worker, each into a
   *     topic of its own
   */
  private Histogram ofSource(Map<String, String> overrides, int count, int ranges) {
    String connector = session.unique("latency");
    String stream = "claims:latency:" + connector;
    try (Worker worker = session.servers().worker(session.options().heap(), overrides, List.of());
        TopicLog topic = session.topic("latency");
        Arrivals arrivals = new Arrivals(topic.name(), count)) {
      for (int i = 0; i < ranges; i++) {
        String beside = connector + "-range-" + i;
        start(worker, beside, RedisStreamRangeSourceConnector.class, stream, beside);
      }
      start(worker, connector, RedisStreamSourceConnector.class, stream, topic.name());
      ClaimEntries claims = ClaimEntries.usual();
      long[] sent =
          send(
              count,
              number -> {
                List<String> fields = new ArrayList<>(claims.fields(Integer.parseInt(number)));
                fields.set(fields.indexOf("claim_id") + 1, number);
                session.streams().add(stream, fields);
              });
      Histogram micros = micros(sent, arrivals.await(), WARM_UP_SECONDS * PER_SECOND);
      session.streams().remove(stream);
      topic.delete();
      return micros;
    }
  }

  private void start(
      Worker worker,
      String name,
      Class<? extends SourceConnector> connector,
      String stream,
      String topic) {
    Map<String, String> config = new HashMap<>();
    config.put("connector.class", connector.getName());
    config.put("tasks.max", "1");
    config.put("redis.uri", session.servers().redis().uri());
    config.put("redis.streams", stream);
    config.put("topic", topic);
    config.put("topic.creation.default.partitions", "1");
    config.put("topic.creation.default.replication.factor", "1");
    config.put("producer.override.linger.ms", "0");
    config.putAll(Converter.JSON.settings(""));
    if (connector.equals(RedisStreamSourceConnector.class)) {
      config.putAll(session.options().boundary().settings());
    }
    worker.create(name, config);
    worker.awaitRunning(name);
  }

  /** Returns the latencies in microseconds, without those of the warm-up. */
  static Histogram micros(long[] sentNanos, long[] arrivedNanos, int warmUp) {
    Histogram micros = new Histogram(SIGNIFICANT_DIGITS);
    for (int i = warmUp; i < sentNanos.length; i++) {
      micros.recordValue(NANOSECONDS.toMicros(arrivedNanos[i] - sentNanos[i]));
    }
    return micros;
  }

  /** Returns when each event was due; an event's number is its key. */
  private static long[] send(int count, Consumer<String> event) {
    long[] sent = new long[count];
    long begin = System.nanoTime();
    for (int i = 0; i < count; i++) {
      long due = begin + i * 1_000_000_000L / PER_SECOND;
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      // a late entry counts from its due time: a waiting producer would have waited from then
      sent[i] = due;
      event.accept(Integer.toString(i));
    }
    return sent;
  }

  /** Records when each event arrives, by the number in its key. */
  private final class Arrivals implements AutoCloseable {
    private final long[] arrived;
    private final Thread thread;
    private volatile boolean closed;
    private volatile int count;

    Arrivals(String topic, int expected) {
      arrived = new long[expected];
      thread = new Thread(() -> read(topic), "arrivals");
      thread.setDaemon(true);
      thread.start();
    }

    private void read(String topic) {
      try (KafkaConsumer<byte[], byte[]> consumer =
          TopicLog.consumer(session.servers().kafka().bootstrapServers())) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int i = 0; i < session.options().partitions(); i++) {
          partitions.add(new TopicPartition(topic, i));
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        int seen = 0;
        while (!closed && seen < arrived.length) {
          for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
            long now = System.nanoTime();
            arrived[Integer.parseInt(new String(each.key(), StandardCharsets.US_ASCII))] = now;
            seen++;
          }
          count = seen;
        }
      }
    }

    long[] await() {
      try {
        int before = -1;
        while (thread.isAlive() && count > before) {
          before = count;
          thread.join(LONGEST_SILENCE.toMillis());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new BenchmarkException("interrupted while waiting for events", e);
      }
      if (thread.isAlive() || count != arrived.length) {
        throw new BenchmarkException(count + " of " + arrived.length + " events arrived", null);
      }
      return arrived;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
