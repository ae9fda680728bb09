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
 * Reports records that Connect cannot deliver to Kafka.
 *
 * <p>Connect's producer waits forever, on the task's thread, for a topic that does not exist and is
 * never created, while the task stays RUNNING. Neither the connector nor its task can query Kafka's
 * topics; they only see that no poll follows and no record is confirmed. Logs at most one line a
 * minute. Safe for use by several threads.
 */
public final class HandoverWatch implements AutoCloseable {
  /** Longer than a broker restart or a slow transaction usually takes. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(2);
  private static final Duration INTERVAL = Duration.ofMinutes(1);
  private static final int MOST_TOPICS = 5;

  private final Logger log;
  private final String connector;
  private final InstantSource clock;

  /** Signs of progress in Connect: polls, and reports about records. */
  private final LongAdder events = new LongAdder();

  /** Records returned by the last poll; null while a poll runs. */
  private volatile @Nullable List<SourceRecord> handed;

  private @Nullable Timer timer;
  private long seen;
  private Instant since = Instant.MIN;
  private Instant next = Instant.MIN;

  /** A watch that checks only when {@link #check} is called. */
  public HandoverWatch(Logger log, String connector, InstantSource clock) {
    this.log = log;
    this.connector = connector;
    this.clock = clock;
  }

  /** Starts a thread that checks every few seconds until the watch is closed. */
  public HandoverWatch started() {
    timer = new Timer("claimstream-handover-watch-" + connector, true);
    timer.schedule(
        new TimerTask() {
          @Override
          public void run() {
            check();
          }
        },
        CHECK_INTERVAL.toMillis(),
        CHECK_INTERVAL.toMillis());
    return this;
  }

  /** Records a poll: Connect has handled the previous records. */
  public void polling() {
    handed = null;
    events.increment();
  }

  /** Records that a poll returned these records to Connect. */
  public void handedOver(@Nullable List<SourceRecord> records) {
    handed = records;
  }

  /** Records that Kafka has a record, or that Connect dropped it. */
  public void confirmed(SourceRecord record) {
    if (record instanceof EntryRecord own) {
      own.confirmed();
    }
    events.increment();
  }

  /** Logs a warning if there has been no progress for too long. */
  synchronized void check() {
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
        "Connector '{}': Kafka has confirmed none of {} records for {} s, and Connect has not"
            + " polled again. Topics of these records, before transforms: {}. If one of the topics"
            + " does not exist, create it, or let Connect create it: set"
            + " topic.creation.default.replication.factor and topic.creation.default.partitions in"
            + " this connector (a broker with auto.create.topics.enable=false creates no topics)."
            + " Otherwise Kafka is unavailable or slow, the value converter waits for its schema"
            + " registry, or the task is paused. No records are lost; the task waits.",
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
