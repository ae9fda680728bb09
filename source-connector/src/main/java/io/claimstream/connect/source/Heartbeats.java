/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.source.record.EntryRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records that make Connect commit where a filter drops all others. With exactly-once support
 * Connect commits no transaction without a record, whatever its boundary is, and tells of dropped
 * records, and forgets them, only when it has committed.
 *
 * <p>A heartbeat carries the offset of the entry before it, so that it moves Connect's offset past
 * what was dropped. {@link #hasNews} may be called by any thread, the rest by the task's.
 */
final class Heartbeats {
  private static final Schema SCHEMA =
      SchemaBuilder.struct()
          .name("io.claimstream.connect.Heartbeat")
          .doc("Makes Kafka Connect commit; means nothing else.")
          .field("connector", Schema.STRING_SCHEMA)
          .field("task", Schema.STRING_SCHEMA)
          .field("ts_ms", Schema.INT64_SCHEMA)
          .build();

  /** How long Connect says nothing of what is in flight before the first heartbeat. */
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

  private final String topic;
  private final String connector;
  private final String task;
  private final TaskClock clock;
  private final InstantSource steady;
  private volatile boolean news = true;
  private Duration pause = FIRST_PAUSE;
  private Instant next = Instant.MAX;

  /**
   * The heartbeats of one task.
   *
   * @param topic where they go; empty = there are none
   */
  Heartbeats(String topic, String connector, String task, TaskClock clock) {
    this.topic = topic;
    this.connector = connector;
    this.task = task;
    this.clock = clock;
    this.steady = clock.steady();
  }

  /** The topic; empty if there is none. */
  String topic() {
    return topic;
  }

  /** Notes that Connect has told of a record. */
  void hasNews() {
    news = true;
  }

  /**
   * Adds a heartbeat if it is time for one.
   *
   * @param last the newest record of an entry; null if there was none yet
   * @param inFlight how many records Connect has not told of
   * @param isPressing whether they come near to what may be in flight
   */
  void beat(
      List<SourceRecord> polled, @Nullable EntryRecord last, int inFlight, boolean isPressing) {
    if (topic.isEmpty()) {
      return;
    }
    if (news || inFlight == 0) {
      news = false;
      pause = FIRST_PAUSE;
      next = steady.instant().plus(pause);
    }
    boolean isFirst = pause.equals(FIRST_PAUSE);
    boolean isDue = !steady.instant().isBefore(next) || (isPressing && isFirst);
    if (last != null && inFlight > 0 && isDue) {
      polled.add(heartbeat(last));
      // one that is dropped, too, would otherwise add to what Connect keeps
      pause = pause.multipliedBy(2);
      pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
      next = steady.instant().plus(pause);
    }
  }

  private SourceRecord heartbeat(EntryRecord last) {
    return new SourceRecord(
        last.sourcePartition(),
        last.sourceOffset(),
        topic,
        null,
        Schema.STRING_SCHEMA,
        connector + "-" + task,
        SCHEMA,
        new Struct(SCHEMA)
            .put("connector", connector)
            .put("task", task)
            .put("ts_ms", clock.millis()),
        clock.millis());
  }
}
