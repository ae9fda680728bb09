/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Finds everything about one claim: its events in Kafka, its snapshot in Redis, and the analytics
 * that count its events in Redis. A topic has no index by key, so the lookup reads the topics from
 * the start.
 */
final class ClaimLookup {
  private static final int PAGE = 1_000;

  private final Addresses addresses;

  ClaimLookup(Addresses addresses) {
    this.addresses = addresses;
  }

  /**
   * An event of the claim.
   *
   * @param partition the topic's partition
   * @param offset the offset in the partition
   * @param fields the decoded fields
   */
  record Event(int partition, long offset, Map<String, String> fields) {}

  /**
   * The data of a claim.
   *
   * @param claim the claim's id
   * @param events its events in order
   * @param snapshot the fields of its snapshot; empty if there is none yet
   * @param figures the latest analytics row of each type and window
   */
  record Found(
      String claim,
      List<Event> events,
      Map<String, String> snapshot,
      Map<String, Map<String, String>> figures) {}

  /** Returns the data of a claim; empty if the topic contains no event of it. */
  Optional<Found> find(String claim) {
    List<Event> events = new ArrayList<>();
    try (Deserializer<GenericRecord> avro =
        RegistryAvro.serde(addresses.registry()).deserializer()) {
      scan(
          AnalyticsTopology.INPUT,
          row -> {
            if (claim.equals(row.key())) {
              GenericRecord event = avro.deserialize(row.topic(), row.value());
              events.add(new Event(row.partition(), row.offset(), ReadableRecord.of(event)));
            }
          });
      if (events.isEmpty()) {
        return Optional.empty();
      }
    }
    return Optional.of(new Found(claim, events, snapshot(claim), figures(events)));
  }

  /** Returns what the state sink has written for the claim; empty if it has not yet. */
  private Map<String, String> snapshot(String claim) {
    String key = key(claim);
    Map<String, String> snapshot = new LinkedHashMap<>();
    try (RedisSession session = new RedisSession(redis(), key)) {
      Replies.map(session.call(connection -> connection.call(Command.of("HGETALL", key))))
          .forEach((name, value) -> snapshot.put(name, String.valueOf(Replies.text(value))));
    }
    return snapshot;
  }

  /** Returns the key that claims-snapshots-sink.json gives the claim. */
  private static String key(String claim) {
    return "claim:" + claim;
  }

  /** Returns the claim of the latest event; empty if there is none. */
  Optional<String> latest() {
    String[] latest = new String[1];
    long[] time = {Long.MIN_VALUE};
    scan(
        AnalyticsTopology.INPUT,
        row -> {
          if (row.timestamp() >= time[0]) {
            time[0] = row.timestamp();
            latest[0] = row.key();
          }
        });
    return Optional.ofNullable(latest[0]);
  }

  private void scan(String topic, Consumer<ConsumerRecord<String, byte[]>> each) {
    new TopicScan(addresses.kafka()).committed(topic, each);
  }

  private Map<String, Map<String, String>> figures(List<Event> events) {
    Set<String> wanted = new LinkedHashSet<>();
    for (Event event : events) {
      String time = event.fields().get("timestamp");
      String type = event.fields().get("type");
      if (time != null && type != null) {
        wanted.add(FigureKey.of(type, Instant.parse(time)).toString());
      }
    }
    Map<String, Map<String, String>> rows = new LinkedHashMap<>();
    wanted.forEach(key -> rows.put(key, Map.of()));
    try (RedisSession session = new RedisSession(redis(), AnalyticsReader.STREAM)) {
      String from = "-";
      List<StreamEntry> page;
      do {
        Command command = Command.of("XRANGE", AnalyticsReader.STREAM, from, "+", "COUNT", PAGE);
        page = session.call(connection -> Replies.entries(connection.call(command)));
        for (StreamEntry entry : page) {
          Map<String, String> row = ClaimProducer.fields(entry);
          String key = row.get("type") + "@" + row.get("window_start");
          rows.computeIfPresent(key, (same, before) -> row);
          from = entry.id().next().toString();
        }
      } while (page.size() == PAGE);
    }
    rows.values().removeIf(Map::isEmpty);
    return rows;
  }

  private RedisConnections redis() {
    return DemoRedis.connections(addresses.redis());
  }

  /** Returns the text for the terminal. */
  static String text(Found found) {
    StringBuilder text = new StringBuilder();
    text.append("Claim ").append(found.claim()).append('\n');
    text.append("\nEvents in topic ").append(AnalyticsTopology.INPUT).append('\n');
    for (Event event : found.events()) {
      Map<String, String> fields = new LinkedHashMap<>(event.fields());
      fields.remove("claim_id");
      text.append("  ")
          .append(fields.remove("type"))
          .append("  (partition ")
          .append(event.partition())
          .append(", offset ")
          .append(event.offset())
          .append(")\n");
      fields.forEach((name, value) -> row(text, "    ", name, value));
    }
    text.append("\nSnapshot in Redis, key ").append(key(found.claim())).append('\n');
    if (found.snapshot().isEmpty()) {
      text.append("  none yet\n");
    }
    found.snapshot().forEach((name, value) -> row(text, "  ", name, value));
    text.append("\nAnalytics in Redis stream ")
        .append(AnalyticsReader.STREAM)
        .append(", for the types and windows of its events\n");
    if (found.figures().isEmpty()) {
      text.append("  none yet\n");
    }
    found
        .figures()
        .forEach(
            (key, row) ->
                text.append("  ")
                    .append(key)
                    .append("  count ")
                    .append(row.get("count"))
                    .append(", total ")
                    .append(row.get("amount_total"))
                    .append(", mean ")
                    .append(row.get("amount_mean"))
                    .append(", failures ")
                    .append(row.get("failures"))
                    .append('\n'));
    return text.toString();
  }

  static void row(StringBuilder text, String indent, String name, String value) {
    text.append(indent)
        .append(name)
        .append(" ".repeat(Math.max(1, 15 - name.length())))
        .append(value)
        .append('\n');
  }
}
