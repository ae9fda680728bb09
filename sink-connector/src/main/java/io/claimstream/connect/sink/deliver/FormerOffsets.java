/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.KeyPage;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.sink.write.StreamConnections;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Search for offsets that another connector has stored for the same topic-partitions beside the
 * same streams. A connector that was renamed has no stored offsets under its new name, so it would
 * write again what its former name has written. Used once per task, by the task's thread, while
 * nothing is in flight.
 *
 * <p>The search goes through the names of all keys, with SCAN, and ends after a million of them:
 * the task must begin. The permission to scan is optional.
 */
final class FormerOffsets {
  private static final Logger LOG = LoggerFactory.getLogger(FormerOffsets.class);
  private static final int MOST_PAGES = 1_000;

  private final StreamConnections connections;
  private final SinkStreams streams;
  private final Logger log;

  FormerOffsets(StreamConnections connections, SinkStreams streams) {
    this(connections, streams, LOG);
  }

  FormerOffsets(StreamConnections connections, SinkStreams streams, Logger log) {
    this.connections = connections;
    this.streams = streams;
    this.log = log;
  }

  /**
   * Logs a warning for each other connector that has stored offsets for any of the partitions.
   *
   * @throws io.claimstream.connect.redis.error.RedisOutageException if a master does not reply
   */
  void report(Collection<TopicPartition> partitions) {
    Map<String, List<TopicPartition>> byStream = streams.byStream(partitions);
    Map<RedisConnection, List<String>> byMaster = new LinkedHashMap<>();
    byStream
        .keySet()
        .forEach(
            stream ->
                byMaster
                    .computeIfAbsent(connections.to(stream), master -> new ArrayList<>())
                    .add(stream));
    byMaster.forEach((master, some) -> report(master, some, byStream));
  }

  private void report(
      RedisConnection master, List<String> some, Map<String, List<TopicPartition>> byStream) {
    String cursor = KeyPage.BEGIN;
    int pages = 0;
    do {
      Command scan = KeyPage.command(cursor, StoredOffsets.PATTERN, "hash");
      Object reply = master.pipeline(List.of(scan)).get(0);
      if (reply instanceof ErrorReply error) {
        log.info(
            "Connector '{}' begins without stored offsets. Whether a former name of it has some is"
                + " unknown, because the keys could not be searched: {}",
            streams.connector(),
            error.text());
        return;
      }
      KeyPage page = KeyPage.parse(reply);
      page.keys().forEach(key -> compare(master, key, some, byStream));
      cursor = page.next();
    } while (!cursor.equals(KeyPage.BEGIN) && ++pages < MOST_PAGES);
  }

  private void compare(
      RedisConnection master,
      String key,
      List<String> some,
      Map<String, List<TopicPartition>> byStream) {
    for (String stream : some) {
      StoredOffsets own = streams.offsets(stream);
      if (own.isOfAnotherConnector(key)) {
        compare(master, own, key, byStream.getOrDefault(stream, List.of()));
      }
    }
  }

  private void compare(
      RedisConnection master, StoredOffsets own, String key, List<TopicPartition> partitions) {
    List<@Nullable Object> values =
        Replies.list(master.call(new StoredOffsets(key).read(partitions)));
    List<String> offsets = new ArrayList<>();
    for (int i = 0; i < partitions.size(); i++) {
      String value = Replies.text(values.get(i));
      if (value != null) {
        offsets.add(partitions.get(i) + " at " + value.split(" ", -1)[0]);
      }
    }
    if (!offsets.isEmpty()) {
      log.warn(
          "Connector '{}' has no stored offsets, but hash {} has offsets of another connector for"
              + " the same topic-partitions: {}. If this connector had that name, it writes again"
              + " what Kafka has not committed for its consumer group: delete it, RENAME the hash"
              + " to {}, and create it again. If both connectors are to write the same records,"
              + " there is nothing to do.",
          streams.connector(),
          key,
          String.join(", ", offsets),
          own.key());
    }
  }
}
