/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.config.RedisTopology;
import io.claimstream.connect.redis.error.OutageBackoff;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.deadletter.Failure;
import io.claimstream.connect.source.decode.BadEntryException;
import io.claimstream.connect.source.lane.SourcePartition;
import io.claimstream.connect.source.read.Awaited;
import io.claimstream.connect.source.read.LaneReader;
import io.claimstream.connect.source.record.EntryRecord;
import io.claimstream.connect.source.record.SourceRecordFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
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
  private static final Failure DROPPED =
      new Failure(
          Failure.Stage.TRANSFORM_OR_CONVERT,
          "RecordDropped",
          "a transform or converter dropped the record; Connect's log says why");

  private static final Duration AWAITING_KAFKA = Duration.ofMillis(10);

  private final List<RunningLane> lanes;
  private final SourceRecordFactory records;
  private final ErrorTolerance tolerance;
  private final Duration readBlock;
  private final boolean oneServer;
  private final OutageBackoff deadLetterBackoff;
  private final CountDownLatch closed = new CountDownLatch(1);

  private final boolean keepsDroppedRecords;
  private final Queue<EntryRecord> dropped = new ArrayDeque<>();
  private @Nullable Unconverted unconverted;
  private @Nullable ConnectException failure;

  /** Entries that wait until the dead letter of the first of them can be written. */
  private record Unconverted(RunningLane lane, LaneReader.Batch batch) {}

  RunningSource(
      RedisStreamSourceConfig config,
      List<RunningLane> lanes,
      SourceRecordFactory records,
      OutageBackoff deadLetterBackoff) {
    this.lanes = lanes;
    this.records = records;
    this.tolerance = config.errorTolerance();
    this.keepsDroppedRecords = config.keepsDroppedRecords();
    this.readBlock = config.readBlock();
    this.oneServer = config.redis().topology() != RedisTopology.CLUSTER;
    this.deadLetterBackoff = deadLetterBackoff;
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
    putDroppedAside();
    List<SourceRecord> polled = new ArrayList<>();
    if (unconverted == null || resume(unconverted, polled)) {
      for (RunningLane lane : lanes) {
        LaneReader.Batch batch = lane.reader().collect();
        if (!batch.entries().isEmpty()) {
          // the next batch is on its way while this one is converted
          lane.reader().request(List.of(), Duration.ZERO);
          convert(lane, batch, polled);
          if (failure != null || unconverted != null) {
            break;
          }
        }
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

  /** Whether nothing is left to convert from before. */
  private boolean resume(Unconverted rest, List<SourceRecord> polled) throws InterruptedException {
    if (!deadLetterBackoff.mayTry()) {
      pause(deadLetterBackoff.remaining());
      return false;
    }
    unconverted = null;
    convert(rest.lane(), rest.batch(), polled);
    return unconverted == null && failure == null;
  }

  private void convert(RunningLane lane, LaneReader.Batch batch, List<SourceRecord> polled) {
    SourcePartition partition = lane.partition(batch.consumer());
    List<StreamEntry> entries = batch.entries();
    for (int i = 0; i < entries.size(); i++) {
      StreamEntry entry = entries.get(i);
      try {
        EntryRecord record = records.record(partition, entry, batch.tracker());
        batch.tracker().emitted(entry.id());
        polled.add(record);
      } catch (BadEntryException bad) {
        if (tolerance == ErrorTolerance.NONE) {
          failure = failure(bad);
          return;
        }
        if (!putAside(lane, entry, bad)) {
          unconverted =
              new Unconverted(
                  lane,
                  new LaneReader.Batch(
                      entries.subList(i, entries.size()), batch.tracker(), batch.consumer()));
          return;
        }
      }
    }
  }

  private static ConnectException failure(BadEntryException bad) {
    return new DataException(
        bad.getMessage()
            + ". The entry stays pending and is tried again when the task is restarted; set"
            + " errors.tolerance=all to have such entries put aside to redis.failed.stream",
        bad);
  }

  /**
   * False if Redis cannot take it now. What comes after it has to wait then: Connect's offset must
   * not pass an entry that is in neither place.
   */
  private boolean putAside(RunningLane lane, StreamEntry entry, BadEntryException bad) {
    try {
      lane.deadLetters().move(entry, Failure.of(Failure.Stage.DECODE, bad), null);
      deadLetterBackoff.recovered();
      LOG.warn("{}: put aside (errors.tolerance=all)", bad.getMessage());
      return true;
    } catch (RedisOutageException e) {
      deadLetterBackoff.failed(e);
      return false;
    }
  }

  private void waitForEntries() throws InterruptedException {
    List<RunningLane> reading =
        lanes.stream().filter(lane -> !lane.reader().isBackingOff()).toList();
    if (reading.isEmpty()) {
      pause(
          lanes.stream()
              .map(lane -> lane.reader().backoffRemaining())
              .min(Duration::compareTo)
              .orElse(readBlock));
    } else if (reading.stream().anyMatch(lane -> lane.reader().awaitsKafka())) {
      pause(AWAITING_KAFKA);
    } else if (reading.stream().allMatch(lane -> lane.reader().isIdle())) {
      if (oneServer) {
        List<Awaited> all = reading.stream().map(lane -> lane.reader().awaited()).toList();
        reading.get(0).reader().request(all, readBlock);
      } else {
        Duration share = readBlock.dividedBy(reading.size());
        reading.forEach(lane -> lane.reader().request(List.of(lane.reader().awaited()), share));
      }
    }
  }

  private void pause(Duration atMost) throws InterruptedException {
    Duration wait = atMost.compareTo(readBlock) < 0 ? atMost : readBlock;
    if (closed.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.debug("closed while waiting for Redis");
    }
  }

  /**
   * Notes that Kafka has a record, or that a transform or converter dropped it. The dead letter of
   * a dropped one is written at once, the only I/O here: its offset may be committed already.
   *
   * @param metadata null if it was dropped
   */
  void commitRecord(SourceRecord record, @Nullable RecordMetadata metadata) {
    if (record instanceof EntryRecord own) {
      if (metadata == null && keepsDroppedRecords) {
        dropped.add(own);
        putDroppedAside();
      } else {
        own.tracker().delivered(own.id());
      }
    }
  }

  private synchronized void putDroppedAside() {
    while (!dropped.isEmpty()) {
      EntryRecord record = dropped.element();
      try {
        lane(record).deadLetters().move(record.entry(), DROPPED, null);
        record.tracker().delivered(record.id());
        dropped.remove();
        LOG.warn(
            "entry {} of stream '{}' was dropped by a transform or converter: put aside (see"
                + " dropped.records)",
            record.id(),
            lane(record).stream());
      } catch (RedisOutageException e) {
        LOG.debug("dead letters have to wait: {}", e.getMessage());
        return;
      }
    }
  }

  private RunningLane lane(EntryRecord record) {
    return lanes.stream()
        .filter(lane -> lane.stream().equals(record.sourcePartition().get("stream")))
        .findFirst()
        .orElseThrow();
  }

  /** Acknowledges what Kafka has. */
  void acknowledge() {
    lanes.forEach(lane -> lane.acknowledger().acknowledge());
  }

  @Override
  public void close() {
    closed.countDown();
    putDroppedAside();
    lanes.forEach(RunningLane::close);
  }
}
