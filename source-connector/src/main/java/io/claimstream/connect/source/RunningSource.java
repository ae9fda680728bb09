/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.config.RedisTopology;
import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.error.RedisOperatorException;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.deadletter.DeadLetterStream;
import io.claimstream.connect.source.deadletter.Failure;
import io.claimstream.connect.source.decode.BadEntryException;
import io.claimstream.connect.source.lane.SourcePartition;
import io.claimstream.connect.source.read.Awaited;
import io.claimstream.connect.source.read.LaneBatch;
import io.claimstream.connect.source.record.EntryRecord;
import io.claimstream.connect.source.record.SourceRecordFactory;
import java.time.Duration;
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
 * A started task: all its state. {@link #poll} is called by the task's thread, {@link
 * #commitRecord} and {@link #acknowledge} by Connect's others.
 */
final class RunningSource implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningSource.class);

  private static final Duration AWAITING_KAFKA = Duration.ofMillis(10);

  private final List<RunningLane> lanes;
  private final SourceRecordFactory records;
  private final boolean tolerant;
  private final Duration readBlock;
  private final boolean oneServer;
  private final TaskMetrics metrics;
  private final InstantSource clock;
  private final DropPolicy dropPolicy;
  private final DeadLetters deadLetters;
  private final BadEntries badEntries;
  private final CountDownLatch closed = new CountDownLatch(1);

  /** With as many dead letters in memory that wait for Redis a lane is not read on. */
  private final int mostWaiting;

  /** Of lanes whose entries wait until the dead letter of the first of them can be written. */
  private final Map<RunningLane, LaneBatch> unconverted = new HashMap<>();

  private @Nullable ConnectException failure;

  RunningSource(
      RedisStreamSourceConfig config,
      List<RunningLane> lanes,
      SourceRecordFactory records,
      TaskMetrics metrics,
      InstantSource clock,
      DropPolicy dropPolicy,
      DeadLetters deadLetters,
      BadEntries badEntries) {
    this.lanes = lanes;
    this.records = records;
    this.tolerant = config.errors().tolerated();
    this.readBlock = config.readBlock();
    this.mostWaiting = config.readCount();
    this.oneServer = config.redis().topology() != RedisTopology.CLUSTER;
    this.metrics = metrics;
    this.clock = clock;
    this.dropPolicy = dropPolicy;
    this.deadLetters = deadLetters;
    this.badEntries = badEntries;
  }

  /**
   * The next records; null if nothing came within {@code redis.read.block.ms}.
   *
   * @throws ConnectException if an entry is bad and errors are not tolerated, a newer task owns a
   *     lane, or Redis refuses something that will not get better by itself
   */
  @Nullable List<SourceRecord> poll() throws InterruptedException {
    if (failure != null) {
      throw failure;
    }
    metrics.update();
    try {
      return next();
    } catch (RedisOperatorException e) {
      lanes.forEach(lane -> lane.metrics().errors(RedisErrorKind.OPERATOR).add(1));
      throw e;
    }
  }

  private @Nullable List<SourceRecord> next() throws InterruptedException {
    deadLetters.moveWaiting();
    List<SourceRecord> polled = new ArrayList<>();
    badEntries.settleRest();
    badEntries.copyUncopied(polled);
    for (RunningLane lane : lanes) {
      if (!isHeld(lane)) {
        LaneBatch rest = unconverted.remove(lane);
        if (rest == null) {
          read(lane, polled);
        } else {
          convert(lane, rest, polled);
        }
      }
      if (failure != null) {
        break;
      }
    }
    if (!polled.isEmpty()) {
      return polled;
    }
    if (failure != null) {
      throw failure;
    }
    waitForEntries();
    return null;
  }

  private void read(RunningLane lane, List<SourceRecord> polled) {
    LaneBatch batch = lane.reader().collect();
    badEntries.settle(lane, batch);
    if (!batch.entries().isEmpty()) {
      // the next batch is on its way while this one is converted
      lane.reader().request(List.of(), Duration.ZERO);
      convert(lane, batch, polled);
    }
  }

  /** Whether a lane waits for its dead letters instead of reading. */
  private boolean isHeld(RunningLane lane) {
    return deadLetters.waiting(lane) >= mostWaiting
        || badEntries.isUnsettled(lane)
        || (unconverted.containsKey(lane) && !deadLetters.mayTry());
  }

  private void convert(RunningLane lane, LaneBatch batch, List<SourceRecord> polled) {
    SourcePartition partition = lane.partition(batch.consumer());
    List<StreamEntry> entries = batch.entries();
    double failuresBefore = dropPolicy.failuresNow();
    for (int i = 0; i < entries.size(); i++) {
      StreamEntry entry = entries.get(i);
      Failure reason = null;
      if (batch.isCondemned()) {
        reason =
            DeadLetterStream.isNowhere(batch.deliveries())
                ? Failure.NOT_WRITTEN
                : Failure.ofDeliveries(batch.deliveries());
      } else {
        try {
          EntryRecord record = records.record(partition, entry, batch.tracker(), failuresBefore);
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
      if (reason != null && !badEntries.putAside(lane, batch, entry, reason, polled)) {
        unconverted.put(lane, batch.from(i));
        return;
      }
    }
    lag(lane, polled);
  }

  /** Looks at the last record only: what is read together is about as old. */
  private void lag(RunningLane lane, List<SourceRecord> polled) {
    Long time = polled.isEmpty() ? null : polled.get(polled.size() - 1).timestamp();
    if (time != null) {
      lane.metrics().eventTimeLag().record((double) Math.max(0, clock.millis() - time));
    }
  }

  private static ConnectException failure(BadEntryException bad) {
    return new DataException(
        bad.getMessage()
            + ". The entry stays pending and is tried again when the task is restarted; set"
            + " errors.tolerance=all to have such entries put aside to redis.failed.stream",
        bad);
  }

  private void waitForEntries() throws InterruptedException {
    List<RunningLane> free = lanes.stream().filter(lane -> !isHeld(lane)).toList();
    List<RunningLane> reading =
        free.stream().filter(lane -> !lane.reader().isBackingOff()).toList();
    Duration patience =
        free.size() < lanes.size() ? shorter(readBlock, deadLetters.remaining()) : readBlock;
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
      LOG.debug("closed while waiting for Redis");
    }
  }

  /**
   * Notes that Kafka has a record, or that a transform or converter dropped it. The dead letter is
   * written at once, the only I/O here: the entry's offset may be committed already.
   *
   * @param metadata null if it was dropped
   */
  void commitRecord(SourceRecord record, @Nullable RecordMetadata metadata) {
    if (!(record instanceof EntryRecord own)) {
      return;
    }
    RunningLane lane = lane(own);
    Failure reason = own.failure();
    if (reason != null) {
      badEntries.told(lane, own, reason, metadata != null);
    } else if (metadata != null) {
      own.delivered();
      lane.metrics().produced().add(1);
    } else if (dropPolicy.isFailure(own.failuresBefore())) {
      badEntries.dropped(lane, own);
    } else {
      own.delivered();
    }
  }

  private RunningLane lane(EntryRecord record) {
    Object stream = record.sourcePartition().get("stream");
    for (RunningLane lane : lanes) {
      if (lane.stream().equals(stream) && lane.reader().acknowledgements().isOf(record.tracker())) {
        return lane;
      }
    }
    throw new NoSuchElementException("no lane of stream " + stream);
  }

  /** Acknowledges what Kafka has. */
  void acknowledge() {
    deadLetters.retry();
    lanes.forEach(lane -> lane.acknowledger().acknowledge());
    lanes.forEach(lane -> lane.acknowledger().sample());
    metrics.update();
  }

  @Override
  public void close() {
    closed.countDown();
    deadLetters.retry();
    deadLetters.close();
    badEntries.close();
    lanes.forEach(RunningLane::close);
    metrics.close();
  }
}
