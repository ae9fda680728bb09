/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.config.RedisTopology;
import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.source.ack.Acknowledger;
import io.claimstream.connect.source.ack.Acknowledgers;
import io.claimstream.connect.source.deadletter.DeadLetterQueue;
import io.claimstream.connect.source.deadletter.DeadLetterRecord;
import io.claimstream.connect.source.deadletter.DeadLetterStream;
import io.claimstream.connect.source.deadletter.Failure;
import io.claimstream.connect.source.decode.BadEntryException;
import io.claimstream.connect.source.decode.FieldFilter;
import io.claimstream.connect.source.lane.SourcePartition;
import io.claimstream.connect.source.read.Awaited;
import io.claimstream.connect.source.read.LaneBatch;
import io.claimstream.connect.source.record.EntryRecord;
import io.claimstream.connect.source.record.EventRecord;
import io.claimstream.connect.source.record.SourceRecordFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * State of a started task. {@link #poll} is called by the task thread, {@link #commitRecord} and
 * {@link #acknowledge} by other threads of Connect.
 */
final class RunningSource implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningSource.class);

  private static final Duration AWAITING_KAFKA = Duration.ofMillis(10);

  /** Interval at which to check whether Connect has reported records in flight. */
  private static final Duration AWAITING_CONNECT = Duration.ofMillis(100);

  /** Extra time a poll may wait; short, because Connect can stop a task only between polls. */
  private static final Duration ONE_TURN = Duration.ofMillis(250);

  /** Time in a poll after which no lane starts an exchange with Redis that may block. */
  private static final Duration LONGEST_TURN = Duration.ofSeconds(1);

  /** Time that a stop waits for outstanding replies to acknowledgements. */
  private static final Duration SETTLING = Duration.ofMillis(250);

  private static final Duration GLANCE = Duration.ofMillis(5);

  private final List<RunningLane> lanes;
  private final FieldFilter filter;
  private final SourceRecordFactory records;
  private final boolean tolerant;
  private final Duration readBlock;
  private final boolean oneServer;
  private final TaskMetrics metrics;
  private final InstantSource clock;
  private final InstantSource steady;
  private final DeadLetterQueue deadLetters;
  private final InFlight inFlight;
  private final Transaction transaction;
  private final Acknowledgers acknowledgers;
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Number of dead letters waiting in memory for Redis at which a lane stops reading. */
  private final int mostWaiting;

  /** Entries of lanes that wait until the dead letter of their first entry can be written. */
  private final Map<RunningLane, LaneBatch> unconverted = new HashMap<>();

  /** Index of the lane that comes first in the next poll. */
  private int first;

  private @Nullable ConnectException failure;

  /** The task thread between two polls; null during a poll. */
  private volatile @Nullable Thread idleThread;

  /** Entries that one lane has read. */
  private record Taken(RunningLane lane, LaneBatch batch) {}

  RunningSource(
      RedisStreamSourceConfig config,
      List<RunningLane> lanes,
      SourceRecordFactory records,
      TaskMetrics metrics,
      TaskClock clock,
      DeadLetterQueue deadLetters,
      InFlight inFlight,
      Transaction transaction) {
    this.lanes = lanes;
    this.filter = config.events().filter();
    this.records = records;
    this.tolerant = config.errors().tolerated();
    this.readBlock = config.readBlock();
    this.mostWaiting = config.readCount();
    this.oneServer = config.redis().topology() != RedisTopology.CLUSTER;
    this.metrics = metrics;
    this.clock = clock;
    this.steady = clock.steady();
    this.acknowledgers =
        new Acknowledgers(lanes.stream().map(RunningLane::acknowledger).toList(), steady);
    this.deadLetters = deadLetters;
    this.inFlight = inFlight;
    this.transaction = transaction;
  }

  /**
   * Returns the next records; null if none arrived within {@code redis.read.block.ms}. Returns no
   * records without waiting if Connect must first commit those of earlier polls.
   *
   * @throws ConnectException if an entry is bad and errors are not tolerated, a newer task owns a
   *     lane, or Redis rejects a command for a reason that does not pass by itself
   */
  @Nullable List<SourceRecord> poll() throws InterruptedException {
    if (failure != null) {
      throw failure;
    }
    metrics.update();
    idleThread = null;
    try {
      List<SourceRecord> polled = next();
      inFlight.handOver(polled, lanes);
      if (!polled.isEmpty() && transaction.mayGoOn() && isNextAtHand(polled.size())) {
        transaction.goOn();
        return polled;
      }
      boolean wasOpen = transaction.isOpen();
      if (failure != null && polled.isEmpty() && !wasOpen) {
        throw failure;
      }
      transaction.commit();
      if (!polled.isEmpty() || wasOpen) {
        return polled;
      }
      waitForEntries();
      return null;
    } catch (RedisConfigurationException e) {
      lanes.forEach(lane -> lane.metrics().errors(RedisErrorKind.CONFIGURATION).add(1));
      throw e;
    } finally {
      idleThread = Thread.currentThread();
    }
  }

  /**
   * Whether a read that may return entries is in flight, and nothing waits for a commit. A lane
   * that reads pending entries may have to try one of them alone, so each of its polls is a
   * transaction.
   *
   * @param next records that the next poll may return
   */
  private boolean isNextAtHand(int next) {
    return failure == null
        && !inFlight.isFilling(lanes, next)
        && lanes.stream().noneMatch(lane -> lane.reader().isRecovering())
        && lanes.stream()
            .anyMatch(
                lane ->
                    lane.reader().hasMore()
                        && lane.reader().hasAsked()
                        && !unconverted.containsKey(lane)
                        && !isHeld(lane));
  }

  private List<SourceRecord> next() {
    List<SourceRecord> polled = new ArrayList<>();
    trimWithoutReading();
    deadLetters.resume(polled);
    convertRests(polled);
    if (polled.isEmpty() && failure == null && !transaction.isOpen()) {
      awaitNews();
    }
    if (failure == null) {
      read(polled);
    }
    return polled;
  }

  /**
   * Trims streams that a lane would trim with its next read if it could read. A full Redis can get
   * the memory only this way for the dead letter that the lane waits for.
   */
  private void trimWithoutReading() {
    if (deadLetters.mayTry()
        && lanes.stream().anyMatch(lane -> lane.acknowledger().isTrimDue() && !isReadable(lane))) {
      acknowledgers.acknowledge();
    }
  }

  private void convertRests(List<SourceRecord> polled) {
    for (RunningLane lane : lanes) {
      LaneBatch rest = isHeld(lane) ? null : unconverted.remove(lane);
      if (rest != null) {
        convert(lane, rest, polled);
      }
      if (failure != null) {
        return;
      }
    }
  }

  /** Reads all lanes in the same round trips: sends all requests before waiting for a reply. */
  private void read(List<SourceRecord> polled) {
    Instant begin = steady.instant();
    lanes.forEach(this::ask);
    List<Taken> taken = take(begin);
    if (taken.isEmpty() && polled.isEmpty()) {
      List<RunningLane> asked = asked();
      if (awaitOneOf(asked, ONE_TURN)) {
        asked.forEach(lane -> take(lane, taken));
      }
    }
    if (taken.isEmpty()) {
      return;
    }
    if (lanes.stream().anyMatch(lane -> lane.reader().hasMore())) {
      // the next batches, and the quiet lanes' replies, arrive while these are converted; without a
      // backlog a reply would only age until the next poll
      lanes.forEach(this::ask);
    }
    for (Taken next : taken) {
      convert(next.lane(), next.batch(), polled);
      if (failure != null) {
        return;
      }
    }
  }

  private void ask(RunningLane lane) {
    if (isReadable(lane)) {
      lane.reader().request(List.of(), Duration.ZERO);
    }
  }

  /**
   * Takes the available entries of each lane. Once this has taken long, a lane that must first talk
   * to Redis, to connect or to read its pending entries, waits for the next poll: a server that
   * does not respond must not delay a poll once per lane.
   */
  private List<Taken> take(Instant begin) {
    List<Taken> taken = new ArrayList<>();
    int start = first;
    boolean isLong = false;
    for (int i = 0; i < lanes.size(); i++) {
      int index = (start + i) % lanes.size();
      RunningLane lane = lanes.get(index);
      if (lane.reader().hasAsked() || !isLong) {
        take(lane, taken);
      }
      if (!isLong && Duration.between(begin, steady.instant()).compareTo(LONGEST_TURN) > 0) {
        isLong = true;
        first = (index + 1) % lanes.size();
      }
    }
    return taken;
  }

  private void take(RunningLane lane, List<Taken> taken) {
    if (isReadable(lane)) {
      LaneBatch batch = lane.reader().collect();
      deadLetters.settle(lane.deadLetters(), batch);
      if (!batch.entries().isEmpty()) {
        taken.add(new Taken(lane, batch));
      }
    }
  }

  private boolean isReadable(RunningLane lane) {
    return !unconverted.containsKey(lane) && !isHeld(lane) && !inFlight.isFull(lane);
  }

  /** Lanes that can continue as soon as their reply arrives. */
  private List<RunningLane> asked() {
    return lanes.stream().filter(lane -> lane.reader().hasAsked() && isReadable(lane)).toList();
  }

  /** Waits for a blocking read, which Redis answers as soon as there are new entries. */
  private void awaitNews() {
    List<RunningLane> asked = asked();
    // a lane whose read does not block has its reply soon, and must not wait for these
    if (asked.stream().allMatch(lane -> lane.reader().isWaiting())) {
      awaitOneOf(asked, readBlock.plus(ONE_TURN));
    }
  }

  /** Whether one of the lanes receives its reply within that time. */
  private boolean awaitOneOf(List<RunningLane> asked, Duration atMost) {
    if (asked.size() == 1) {
      return asked.get(0).reader().awaitAnswer(atMost);
    }
    Instant end = steady.instant().plus(atMost);
    while (!asked.isEmpty() && steady.instant().isBefore(end)) {
      for (RunningLane lane : asked) {
        // a thread cannot wait for several connections at once
        if (lane.reader().awaitAnswer(GLANCE)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether a lane must not read because its dead letters wait for Redis. */
  private boolean isHeld(RunningLane lane) {
    return deadLetters.waiting(lane.deadLetters()) >= mostWaiting
        || deadLetters.isUnsettled(lane.deadLetters())
        || (unconverted.containsKey(lane) && !deadLetters.mayTry());
  }

  private void convert(RunningLane lane, LaneBatch batch, List<SourceRecord> polled) {
    SourcePartition partition = lane.deadLetters().partition(batch.consumer());
    List<StreamEntry> entries = batch.entries();
    double failuresBefore = deadLetters.failuresNow();
    for (int i = 0; i < entries.size(); i++) {
      StreamEntry entry = entries.get(i);
      Failure reason = null;
      if (!filter.accepts(entry)) {
        batch.tracker().done(entry.id());
        lane.metrics().filtered().add(1);
      } else if (batch.isGivenUp()) {
        reason =
            DeadLetterStream.isUnwritten(batch.deliveries())
                ? Failure.NOT_WRITTEN
                : Failure.ofDeliveries(batch.deliveries());
      } else {
        try {
          EventRecord record = records.record(partition, entry, batch.tracker(), failuresBefore);
          batch.tracker().emitted(entry.id());
          polled.add(record);
        } catch (BadEntryException bad) {
          lane.metrics().errors(RedisErrorKind.RECORD).add(1);
          if (!tolerant) {
            failure = failure(bad);
            return;
          }
          reason = Failure.ofDecoding(bad);
        }
      }
      if (reason != null && !deadLetters.add(lane.deadLetters(), batch, entry, reason, polled)) {
        unconverted.put(lane, batch.from(i));
        return;
      }
    }
    lag(lane, polled);
  }

  /** Records the lag of the last record only: records read together have about the same age. */
  private void lag(RunningLane lane, List<SourceRecord> polled) {
    if (!polled.isEmpty() && polled.get(polled.size() - 1) instanceof EventRecord last) {
      long lag = clock.millis() - last.eventMillis();
      lane.metrics().eventTimeLag().record((double) Math.max(0, lag));
    }
  }

  private static ConnectException failure(BadEntryException bad) {
    return new DataException(
        bad.getMessage()
            + ". The entry stays pending and is retried when the task restarts; set"
            + " errors.tolerance=all to dead-letter such entries to redis.failed.stream",
        bad);
  }

  private void waitForEntries() throws InterruptedException {
    List<RunningLane> unheld = lanes.stream().filter(lane -> !isHeld(lane)).toList();
    List<RunningLane> free = unheld.stream().filter(lane -> !inFlight.isFull(lane)).toList();
    List<RunningLane> reading =
        free.stream().filter(lane -> !lane.reader().isBackingOff()).toList();
    Duration patience =
        unheld.size() < lanes.size() ? shorter(readBlock, deadLetters.remaining()) : readBlock;
    if (free.size() < unheld.size()) {
      patience = shorter(patience, AWAITING_CONNECT);
    }
    if (reading.isEmpty()) {
      pause(
          free.stream()
              .map(lane -> lane.reader().backoffRemaining())
              .reduce(patience, RunningSource::shorter));
    } else if (reading.stream().anyMatch(lane -> lane.reader().awaitsKafka())) {
      pause(AWAITING_KAFKA);
    } else if (reading.stream().allMatch(lane -> lane.reader().isIdle())) {
      if (oneServer) {
        List<Awaited> all = reading.stream().map(lane -> lane.reader().awaited()).toList();
        reading.get(0).reader().request(all, patience);
      } else {
        Duration share = patience.dividedBy(reading.size());
        reading.forEach(lane -> lane.reader().request(List.of(lane.reader().awaited()), share));
      }
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private void pause(Duration atMost) throws InterruptedException {
    if (closed.await(shorter(atMost, readBlock).toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.debug("task closed while waiting for Redis");
    }
  }

  /**
   * Records that Kafka has a record, or that a transform or converter dropped it. The dead letter
   * is written immediately, the only I/O here, because the entry's offset may be committed already.
   *
   * @param metadata null if it was dropped
   */
  void commitRecord(SourceRecord record, @Nullable RecordMetadata metadata) {
    inFlight.reported(record);
    if (!(record instanceof EntryRecord own)) {
      return;
    }
    RunningLane lane = lane(own);
    boolean written = metadata != null;
    if (written) {
      own.tracker().commits().written(own);
    }
    if (own instanceof DeadLetterRecord deadLetter) {
      deadLetters.confirmed(lane.deadLetters(), deadLetter, written);
    } else if (written) {
      own.delivered();
      lane.metrics().produced().add(1);
    } else if (own instanceof EventRecord event) {
      deadLetters.dropped(lane.deadLetters(), event);
    }
  }

  private RunningLane lane(EntryRecord record) {
    for (RunningLane lane : lanes) {
      if (lane.reader().acknowledgements().isOf(record.tracker())) {
        return lane;
      }
    }
    throw new NoSuchElementException(
        "this task reads no entries of " + record.sourcePartition() + " with that tracker");
  }

  /**
   * Acknowledges the entries that Kafka has. With exactly-once support Connect calls this on the
   * task thread after each transaction. That thread can use the readers' connections, and does not
   * wait for the replies.
   *
   * @param caller the current thread
   */
  void acknowledge(Thread caller) {
    deadLetters.retry();
    if (caller.equals(idleThread)) {
      lanes.forEach(lane -> lane.reader().acknowledgements().committed());
      lanes.forEach(lane -> lane.reader().acknowledge());
    }
    acknowledgers.acknowledge();
    metrics.update();
  }

  /** Waits for the replies to acknowledgements: without them the entries are acknowledged again. */
  private void settle() {
    Instant end = steady.instant().plus(SETTLING);
    for (RunningLane lane : lanes) {
      Duration left = Duration.between(steady.instant(), end);
      if (left.isNegative() || !lane.reader().settle(left)) {
        return;
      }
    }
  }

  /**
   * Acknowledges the remaining entries of lanes that are connected; the next start acknowledges the
   * others.
   */
  @Override
  public void close() {
    closed.countDown();
    deadLetters.retry();
    deadLetters.close();
    List<Acknowledger> reachable =
        lanes.stream()
            .filter(lane -> lane.reader().isConnected())
            .map(RunningLane::acknowledger)
            .toList();
    settle();
    lanes.forEach(lane -> lane.reader().close());
    acknowledgers.close(reachable);
    lanes.forEach(lane -> lane.deadLetters().close());
    metrics.close();
  }
}
