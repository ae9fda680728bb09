/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.schema.EventSchemas;
import io.claimstream.connect.source.decode.SizeLimit;
import io.claimstream.connect.source.record.EventConfig;
import io.claimstream.connect.source.record.RecordContent;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Dead letter topic ({@code errors.deadletterqueue.topic.name}). Its records have the schema {@code
 * claim-failure} and the headers that Connect adds to the dead letters of sinks, with the stream in
 * place of the topic and the id in place of the offset. Used by one thread.
 *
 * @see <a href="https://cwiki.apache.org/confluence/x/_WhBB">KIP-298</a>
 */
public final class DeadLetterTopic {
  private static final String HEADER = "__connect.errors.";
  private static final Schema SCHEMA =
      EventSchemas.load("classpath:schemas/claim-failure").latest().connect();
  private static final Schema OTHER_FIELD = SCHEMA.field("other_fields").schema().valueSchema();

  private final String topic;
  private final String keyField;
  private final SizeLimit sizeLimit;
  private final Clock clock;

  /**
   * Creates a dead letter topic.
   *
   * @param keyField the field whose value becomes the record's key
   * @param sizeLimit limit above which a dead letter omits the entry's fields
   */
  private DeadLetterTopic(String topic, String keyField, SizeLimit sizeLimit, Clock clock) {
    this.topic = topic;
    this.keyField = keyField;
    this.sizeLimit = sizeLimit;
    this.clock = clock;
  }

  /**
   * Returns the dead letter topic of a connector; null if it has none.
   *
   * @param name the topic; empty = none
   */
  public static @Nullable DeadLetterTopic named(String name, EventConfig events, Clock clock) {
    return name.isEmpty()
        ? null
        : new DeadLetterTopic(name, events.fields().key(), events.sizeLimit(), clock);
  }

  /** Returns the dead letter of an entry. */
  public RecordContent content(EntryOrigin origin, StreamEntry entry, Failure failure) {
    Instant now = clock.instant();
    Map<String, String> texts = new LinkedHashMap<>();
    List<Struct> others = new ArrayList<>();
    for (int i = 0; i < entry.size(); i++) {
      String name = text(entry.name(i));
      String value = text(entry.value(i));
      if (name == null || value == null || texts.putIfAbsent(name, value) != null) {
        others.add(new Struct(OTHER_FIELD).put("name", entry.name(i)).put("value", entry.value(i)));
      }
    }
    Struct letter =
        new Struct(SCHEMA)
            .put("error_stream", origin.group().stream())
            .put("error_id", entry.id().toString())
            .put("error_group", origin.group().name())
            .put("error_connector", origin.connector())
            .put("error_task", origin.task())
            .put("error_class", failure.errorClass())
            .put("error_message", failure.message())
            .put("error_stage", failure.stage().text())
            .put("error_deliveries", failure.deliveries())
            .put("error_time", Date.from(now))
            .put("fields", texts)
            .put("other_fields", others)
            .put("fields_left_out", false);
    String key = texts.get(keyField);
    if (sizeLimit.excess(entry) != null || sizeLimit.excess(entry, key, letter) != null) {
      letter.put("fields", Map.of()).put("other_fields", List.of()).put("fields_left_out", true);
      key = null;
    }
    return new RecordContent(
        topic, key, SCHEMA, letter, now.toEpochMilli(), headers(origin, entry, failure));
  }

  private static Headers headers(EntryOrigin origin, StreamEntry entry, Failure failure) {
    return new ConnectHeaders()
        .addString(HEADER + "topic", origin.group().stream())
        .addString(HEADER + "offset", entry.id().toString())
        .addString(HEADER + "connector.name", origin.connector())
        .addString(HEADER + "task.id", origin.task())
        .addString(HEADER + "stage", failure.stage().text())
        .addString(HEADER + "exception.class.name", failure.errorClass())
        .addString(HEADER + "exception.message", failure.message());
  }

  private static @Nullable String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
