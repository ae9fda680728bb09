/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.source.record.EntryRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Reports that Connect does not get rid of the records that it was handed.
 *
 * <p>Connect's producer waits without end for a topic that does not exist and that nobody creates,
 * on the task's thread, while the task is RUNNING. Neither the connector nor its task may ask Kafka
 * for topics. What they know is that no poll follows and no record is confirmed. One line a minute
 * at most. Safe for use by several threads.
 */
final class HandoverWatch implements AutoCloseable {
  /** A broker that restarts, or a slow transaction, takes less as a rule. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final Duration INTERVAL = Duration.ofMinutes(1);
  private static final int MOST_TOPICS = 5;

  private final Logger log;
  private final String connector;
  private final InstantSource clock;

  /** Whatever shows that Connect gets on: polls, and what it tells of records. */
  private final LongAdder events = new LongAdder();

  /** What the last poll returned; null while a poll runs. */
  private volatile @Nullable List<SourceRecord> handed;

  private @Nullable Timer timer;
  private long seen;
  private Instant since = Instant.MIN;
  private Instant next = Instant.MIN;

  /** A watch that looks only when it is told to. */
  HandoverWatch(Logger log, String connector, InstantSource clock) {
    this.log = log;
    this.connector = connector;
    this.clock = clock;
  }

  /** The same with a thread of its own that looks every few seconds, until it is closed. */
  HandoverWatch looking() {
    timer = new Timer("claimstream-handover-watch-" + connector, true);
    timer.schedule(
        new TimerTask() {
          @Override
          public void run() {
            look();
          }
        },
        LOOK.toMillis(),
        LOOK.toMillis());
    return this;
  }

  /** Connect asks for more: whatever it had, it could handle. */
  void polling() {
    handed = null;
    events.increment();
  }

  /** Connect has these records now. */
  void handedOver(@Nullable List<SourceRecord> records) {
    handed = records;
  }

  /** Kafka has a record, or Connect dropped it. */
  void confirmed(SourceRecord record) {
    if (record instanceof EntryRecord own) {
      own.confirmed();
    }
    events.increment();
  }

  /** Reports if nothing has changed for too long. */
  synchronized void look() {
    List<SourceRecord> waiting = handed;
    long happened = events.sum();
    Instant now = clock.instant();
    if (waiting == null || happened != seen) {
      seen = happened;
      since = now;
    } else if (!now.isBefore(since.plus(PATIENCE)) && !now.isBefore(next)) {
      report(waiting.stream().filter(HandoverWatch::isUnconfirmed).toList(), now);
    }
  }

  private static boolean isUnconfirmed(SourceRecord record) {
    return !(record instanceof EntryRecord own && own.isConfirmed());
  }

  private void report(List<SourceRecord> unconfirmed, Instant now) {
    if (unconfirmed.isEmpty()) {
      return;
    }
    next = now.plus(INTERVAL);
    log.warn(
        "Connector '{}': Kafka has confirmed none of {} records for {} s, and Connect asks for no"
            + " more. Their topics, before transforms: {}. If one of them does not exist, create"
            + " it, or let Connect create it by topic.creation.default.replication.factor and"
            + " topic.creation.default.partitions in this connector: a broker with"
            + " auto.create.topics.enable=false creates none. Else Kafka is unavailable or slow,"
            + " the value converter waits for its schema registry, or the task is paused. Nothing"
            + " is lost; the task waits.",
        connector,
        unconfirmed.size(),
        Duration.between(since, now).toSeconds(),
        topics(unconfirmed));
  }

  private static List<String> topics(List<SourceRecord> records) {
    return records.stream().map(SourceRecord::topic).distinct().limit(MOST_TOPICS).toList();
  }

  @Override
  public void close() {
    if (timer != null) {
      timer.cancel();
    }
  }
}
