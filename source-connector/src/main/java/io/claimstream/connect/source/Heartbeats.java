/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.time.TaskClock;
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
 * Records that make Connect commit when a filter drops all other records. With exactly-once
 * support, Connect never commits a transaction without records, whatever its boundary. Connect
 * reports dropped records, and frees them, only after a commit.
 *
 * <p>A heartbeat carries the offset of the preceding entry and so moves Connect's offset past the
 * dropped records. {@link #reported} may be called by any thread, the other methods by the task
 * thread.
 */
public final class Heartbeats {
  private static final Schema SCHEMA =
      SchemaBuilder.struct()
          .name("io.claimstream.connect.Heartbeat")
          .doc("Makes Kafka Connect commit; has no other meaning.")
          .field("connector", Schema.STRING_SCHEMA)
          .field("task", Schema.STRING_SCHEMA)
          .field("ts_ms", Schema.INT64_SCHEMA)
          .build();

  /** Time without a report from Connect about records in flight before the first heartbeat. */
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

  private final String topic;
  private final String connector;
  private final String task;
  private final TaskClock clock;
  private final InstantSource steady;
  private volatile boolean isReported = true;
  private Duration pause = FIRST_PAUSE;
  private Instant next = Instant.MAX;

  /**
   * Creates the heartbeats of one task.
   *
   * @param topic the heartbeat topic; empty = no heartbeats
   */
  public Heartbeats(String topic, String connector, String task, TaskClock clock) {
    this.topic = topic;
    this.connector = connector;
    this.task = task;
    this.clock = clock;
    this.steady = clock.steady();
  }

  /** The heartbeat topic; empty if there is none. */
  public String topic() {
    return topic;
  }

  /** Records that Connect has reported a record as written or dropped. */
  public void reported() {
    isReported = true;
  }

  /**
   * Adds a heartbeat if one is due.
   *
   * @param last the newest record of an entry; null if there is none yet
   * @param inFlight number of records that Connect has not reported yet
   * @param isPressing whether the records in flight approach their limit
   */
  public void beat(
      List<SourceRecord> polled, @Nullable SourceRecord last, int inFlight, boolean isPressing) {
    if (topic.isEmpty()) {
      return;
    }
    if (isReported || inFlight == 0) {
      isReported = false;
      pause = FIRST_PAUSE;
      next = steady.instant().plus(pause);
    }
    boolean isFirst = pause.equals(FIRST_PAUSE);
    boolean isDue = !steady.instant().isBefore(next) || (isPressing && isFirst);
    if (last != null && inFlight > 0 && isDue) {
      polled.add(heartbeat(last));
      // a dropped heartbeat also stays in Connect's memory, so heartbeats become rarer
      pause = pause.multipliedBy(2);
      pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
      next = steady.instant().plus(pause);
    }
  }

  private SourceRecord heartbeat(SourceRecord last) {
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
