/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.error.RedisConfigurationException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The hash in which a connector keeps, beside a stream, up to which offset each topic-partition's
 * records are in it: a field for each topic-partition, whose value is a {@link StoredOffset}.
 *
 * @param key the hash's key, in the stream's slot
 */
public record StoredOffsets(String key) {

  /** The stored offsets of that connector in that stream. */
  public static StoredOffsets of(String stream, String connector) {
    return new StoredOffsets(SlotKeys.sibling(stream, "offsets", connector));
  }

  /** The topic-partition's field. */
  String field(TopicPartition partition) {
    return partition.toString();
  }

  /** Reads the stored offsets of those partitions, in their order. */
  Command read(Collection<TopicPartition> partitions) {
    return Command.of("HMGET", key).addAll(partitions.stream().map(this::field).toList());
  }

  /** Forgets the stored offsets of those partitions. */
  Command delete(Collection<TopicPartition> partitions) {
    return Command.of("HDEL", key).addAll(partitions.stream().map(this::field).toList());
  }

  /**
   * The command that makes the record at an offset the next one to be appended, whether records
   * before it are in the stream or not.
   *
   * @param next null to forget the stored offset, so that the next start begins where Kafka says
   * @param now records before that offset may be as new as that
   */
  public Command set(TopicPartition partition, @Nullable Long next, Instant now) {
    return next == null
        ? delete(List.of(partition))
        : Command.of("HSET", key, field(partition), StoredOffset.before(next, now));
  }

  /**
   * Forgets all stored offsets of the connector in the stream.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if Redis does not answer or refuses
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
   * A stored offset as a reply has it.
   *
   * @param value a bulk string; null or empty where there is none
   * @throws RedisConfigurationException if something else is stored there
   */
  Optional<StoredOffset> parse(TopicPartition partition, @Nullable Object value) {
    String text = Replies.text(value);
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        StoredOffset.parse(text)
            .orElseThrow(
                () ->
                    new RedisConfigurationException(
                        describe(partition)
                            + " holds no stored offset: another program wrote it. Stop the"
                            + " connector and PATCH its offsets with a null offset for this"
                            + " partition to remove it",
                        null)));
  }

  /** Names hash and field, for messages. */
  String describe(TopicPartition partition) {
    return "field " + field(partition) + " of hash " + key;
  }
}
