/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Finds the state that a claim had at an instant: docs/how-to/snapshots.md. The instant is compared
 * with the time of the stream ids, which is Redis' and orders the events. Safe for use by several
 * threads.
 */
final class ClaimAsOf {
  private static final Duration LONGEST = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final int API_TIMEOUT_MILLIS = 30_000;

  private final Addresses addresses;
  private final ClaimSnapshots table =
      new ClaimSnapshots(StreamsApplication.schema("claim-snapshot"));

  ClaimAsOf(Addresses addresses) {
    this.addresses = addresses;
  }

  /**
   * A claim's state at an instant.
   *
   * @param claim the claim's id
   * @param asOf the instant, ISO-8601
   * @param start the id of the event up to which a snapshot was used; empty if all events were read
   * @param state the fields of a snapshot
   */
  record Found(String claim, String asOf, String start, Map<String, String> state) {}

  /**
   * Returns the state after all events of the claim that were appended at that instant or before.
   *
   * @throws DemoException if the instant is in the future, there is no such event, or it is no
   *     longer or not yet in Kafka
   */
  Found find(String claim, Instant instant) {
    awaitInKafka(instant);
    ClaimHistory.State state = history(claim).asOf(instant, table);
    return new Found(
        claim,
        instant.toString(),
        state.start().map(EntryId::toString).orElse(""),
        ReadableRecord.of(state.snapshot()));
  }

  /** Waits until the source has acknowledged every entry from that instant or before. */
  private void awaitInKafka(Instant instant) {
    try (RedisSession session =
        new RedisSession(DemoRedis.connections(addresses.redis()), ClaimProducer.STREAM)) {
      Instant now = session.call(ClaimAsOf::time);
      // more events may be appended within the current millisecond
      if (!instant.isBefore(now.truncatedTo(ChronoUnit.MILLIS))) {
        throw new DemoException(instant + " is in the future; the time in Redis is " + now);
      }
      if (instant.isBefore(Instant.EPOCH)) {
        return;
      }
      long millis = instant.toEpochMilli();
      long deadline = System.nanoTime() + LONGEST.toNanos();
      Optional<EntryId> waiting = session.call(redis -> unacknowledged(redis, millis));
      while (waiting.isPresent()) {
        if (System.nanoTime() > deadline) {
          throw new DemoException(
              "entry "
                  + waiting.get()
                  + " of stream "
                  + ClaimProducer.STREAM
                  + " is not in Kafka yet, and so the state at "
                  + instant
                  + " is unknown; try again once the source has acknowledged it");
        }
        LockSupport.parkNanos(PAUSE.toNanos());
        waiting = session.call(redis -> unacknowledged(redis, millis));
      }
    }
  }

  private static Instant time(RedisConnection redis) {
    List<Long> time =
        Replies.list(redis.call(Command.of("TIME"))).stream()
            .map(part -> Long.valueOf(String.valueOf(Replies.text(part))))
            .toList();
    return Instant.ofEpochSecond(time.get(0)).plus(time.get(1), ChronoUnit.MICROS);
  }

  /** Returns an entry up to that millisecond that is unread or pending. */
  private static Optional<EntryId> unacknowledged(RedisConnection redis, long millis) {
    String stream = ClaimProducer.STREAM;
    Command last = Command.of("XREVRANGE", stream, millis, "-", "COUNT", 1);
    for (StreamEntry entry : Replies.entries(redis.call(last))) {
      boolean isRead =
          Replies.list(redis.call(Command.of("XINFO", "GROUPS", stream))).stream()
              .map(Replies::map)
              .filter(group -> GroupMonitor.GROUP.equals(Replies.text(group.get("name"))))
              .map(group -> String.valueOf(Replies.text(group.get("last-delivered-id"))))
              .anyMatch(read -> !entry.id().isAfter(EntryId.parse(read)));
      if (!isRead) {
        return Optional.of(entry.id());
      }
      // only now: what was unread before may be pending meanwhile, but not the other way round
      Command pending = Command.of("XPENDING", stream, GroupMonitor.GROUP, "-", millis, 1);
      return Replies.list(redis.call(pending)).stream()
          .map(row -> EntryId.parse(String.valueOf(Replies.text(Replies.list(row).get(0)))))
          .findFirst();
    }
    return Optional.empty();
  }

  /**
   * Reads what Kafka has of the claim. The order matters: an event that retention deletes meanwhile
   * is in the snapshots, and each event in a snapshot is read or deleted.
   */
  private ClaimHistory history(String claim) {
    TopicScan scan = new TopicScan(addresses.kafka());
    List<GenericRecord> snapshots = new ArrayList<>();
    List<GenericRecord> events = new ArrayList<>();
    try (Admin admin =
            Admin.create(
                Map.of(
                    AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                    addresses.kafka(),
                    AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                    API_TIMEOUT_MILLIS));
        Deserializer<GenericRecord> avro =
            RegistryAvro.serde(addresses.registry()).deserializer()) {
      Map<TopicPartition, OffsetAndMetadata> read =
          await(
              admin
                  .listConsumerGroupOffsets(SnapshotTopology.APPLICATION)
                  .partitionsToOffsetAndMetadata());
      String table = SnapshotTopology.OUTPUT;
      scan.until(table, end(admin, table), ofClaim(claim, avro, snapshots));
      String topic = SnapshotTopology.INPUT;
      Map<TopicPartition, Long> begin =
          scan.until(topic, end(admin, topic), ofClaim(claim, avro, events));
      boolean deletedAreInSnapshots =
          begin.entrySet().stream()
              .allMatch(partition -> partition.getValue() <= offset(read, partition.getKey()));
      return new ClaimHistory(claim, snapshots, events, deletedAreInSnapshots);
    }
  }

  private static Consumer<ConsumerRecord<String, byte[]>> ofClaim(
      String claim, Deserializer<GenericRecord> avro, List<GenericRecord> found) {
    return row -> {
      if (claim.equals(row.key()) && row.value() != null) {
        found.add(avro.deserialize(row.topic(), row.value()));
      }
    };
  }

  private static long offset(
      Map<TopicPartition, OffsetAndMetadata> read, TopicPartition partition) {
    OffsetAndMetadata offset = read.get(partition);
    return offset == null ? 0 : offset.offset();
  }

  /**
   * Returns the ends of the partitions, open transactions included: one that a producer has
   * committed may still be open at the leader of a partition.
   */
  private static Map<TopicPartition, Long> end(Admin admin, String topic) {
    Map<TopicPartition, OffsetSpec> wanted =
        await(admin.describeTopics(List.of(topic)).allTopicNames()).values().stream()
            .flatMap(description -> description.partitions().stream())
            .collect(
                Collectors.toMap(
                    info -> new TopicPartition(topic, info.partition()),
                    info -> OffsetSpec.latest()));
    Map<TopicPartition, Long> end = new HashMap<>();
    await(admin.listOffsets(wanted).all())
        .forEach((partition, found) -> end.put(partition, found.offset()));
    return end;
  }

  private static <T> T await(KafkaFuture<T> reply) {
    return reply.toCompletionStage().toCompletableFuture().join();
  }

  /** Returns the text for the terminal. */
  static String text(Found found) {
    StringBuilder text = new StringBuilder();
    text.append("Claim ").append(found.claim()).append(" as of ").append(found.asOf()).append('\n');
    found.state().forEach((name, value) -> ClaimLookup.row(text, "  ", name, value));
    text.append(
        found.start().isEmpty()
            ? "\nFrom all its events in topic " + SnapshotTopology.INPUT
            : "\nFrom its snapshot of "
                + found.start()
                + " in topic "
                + SnapshotTopology.OUTPUT
                + " and its events after that");
    return text.append('\n').toString();
  }
}
