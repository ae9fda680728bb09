/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.client.StateVersion;
import io.claimstream.connect.redis.error.RedisConfigurationException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The hash beside a stream in which a connector stores its offsets: one field per topic-partition,
 * whose value is a {@link StoredOffset}.
 *
 * @param key the hash's key, in the stream's slot
 */
public record StoredOffsets(String key) {

  /** Glob pattern of the keys of all connectors and streams. */
  static final String PATTERN = SlotKeys.pattern("offsets");

  /** Returns the stored offsets of that connector in that stream. */
  public static StoredOffsets of(String stream, String connector) {
    return new StoredOffsets(SlotKeys.sibling(stream, "offsets", connector));
  }

  /** Returns whether the key is that of another connector's offsets in the same stream. */
  boolean isOfAnotherConnector(String other) {
    // the connector is the last part, and encoded names contain no colon
    int name = key.lastIndexOf(':') + 1;
    return !other.equals(key)
        && other.startsWith(key.substring(0, name))
        && other.indexOf(':', name) < 0;
  }

  /** Returns the topic-partition's field. */
  String field(TopicPartition partition) {
    return partition.toString();
  }

  /** Returns the command that reads the stored offsets of those partitions, in their order. */
  Command read(Collection<TopicPartition> partitions) {
    return Command.of("HMGET", key).addAll(partitions.stream().map(this::field).toList());
  }

  /** Returns the command that deletes the stored offsets of those partitions. */
  Command delete(Collection<TopicPartition> partitions) {
    return Command.of("HDEL", key).addAll(partitions.stream().map(this::field).toList());
  }

  /**
   * Returns the command that makes the record at an offset the next one to append, whether the
   * stream contains earlier records or not.
   *
   * @param next null to delete the stored offset, so that the next start begins at Kafka's
   *     committed offset
   * @param now an upper bound for the timestamps of the records before that offset
   */
  public Command set(TopicPartition partition, @Nullable Long next, Instant now) {
    return next == null
        ? delete(List.of(partition))
        : Command.of("HSET", key, field(partition), StoredOffset.before(next, now));
  }

  /**
   * Deletes all stored offsets of the connector in the stream.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if Redis does not reply or refuses
   */
  public void deleteAll(RedisConnection connection) {
    List<@Nullable Object> fields = Replies.list(connection.call(Command.of("HKEYS", key)));
    if (!fields.isEmpty()) {
      Command delete = Command.of("HDEL", key);
      fields.forEach(field -> delete.add(String.valueOf(Replies.text(field))));
      connection.call(delete);
    }
  }

  /**
   * Parses the reply to {@link #read}; partitions without a stored offset are absent.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if Redis refused, or if the key
   *     contains something else
   */
  Map<TopicPartition, StoredOffset> parse(List<TopicPartition> partitions, @Nullable Object reply) {
    List<@Nullable Object> values = Replies.list(Replies.checked(reply, "HMGET " + key));
    Map<TopicPartition, StoredOffset> stored = new HashMap<>();
    for (int i = 0; i < partitions.size(); i++) {
      TopicPartition partition = partitions.get(i);
      parse(partition, values.get(i)).ifPresent(offset -> stored.put(partition, offset));
    }
    return stored;
  }

  /**
   * Parses a stored offset from a reply.
   *
   * @param value a bulk string; null or empty if none is stored
   * @throws RedisConfigurationException if something else is stored, or a newer format
   */
  Optional<StoredOffset> parse(TopicPartition partition, @Nullable Object value) {
    String text = Replies.text(value);
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    StateVersion.check(describe(partition), text);
    return Optional.of(
        StoredOffset.parse(text)
            .orElseThrow(
                () ->
                    new RedisConfigurationException(
                        describe(partition)
                            + " does not contain a stored offset: another program wrote it. Stop"
                            + " the connector and PATCH its offsets with a null offset for this"
                            + " partition to remove it",
                        null)));
  }

  /** Returns the field and the hash, for messages. */
  String describe(TopicPartition partition) {
    return "field " + field(partition) + " of hash " + key;
  }
}
