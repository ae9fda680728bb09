/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.source.record.EntryRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limit on the records that a task has handed to Connect and that Connect has not reported yet.
 * Connect keeps these records in memory as well. If it has dropped all of them, it does not report
 * them until another record is committed. {@link #reported} may be called by any thread, the other
 * methods by the task thread.
 */
final class InFlight {
  private static final Logger LOG = LoggerFactory.getLogger(InFlight.class);

  /**
   * Fraction of the heap for the entries' bytes; as objects, entries take several times as much.
   */
  private static final int PART_OF_HEAP = 8;

  /**
   * Most records of a transaction that spans several polls; more as objects keep the garbage
   * collector busier than larger transactions save.
   */
  private static final int MOST_OPEN = 6_000;

  /** Bytes of entries at which a transaction is committed; as objects, several times as much. */
  private static final long MOST_OPEN_BYTES = 16 << 20;

  private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(10);

  private final int most;
  private final long mostBytes;
  private final Heartbeats heartbeats;
  private final InstantSource steady;
  private final AtomicLong bytes = new AtomicLong();
  private final Map<RunningLane, Instant> nextWarning = new HashMap<>();
  private @Nullable EntryRecord last;

  /**
   * Creates the limit of one task.
   *
   * @param most maximum records in flight per lane
   * @param steady steady time
   */
  InFlight(int most, Heartbeats heartbeats, InstantSource steady) {
    this.most = most;
    this.mostBytes = Runtime.getRuntime().maxMemory() / PART_OF_HEAP;
    this.heartbeats = heartbeats;
    this.steady = steady;
  }

  /** Whether a lane must stop reading because of the limit. Logs a warning if so. */
  boolean isFull(RunningLane lane) {
    int now = records(lane);
    boolean isFull = now >= most || (now > 0 && bytes.get() >= mostBytes);
    if (isFull) {
      warn(lane, now);
    }
    return isFull;
  }

  /**
   * Whether records should be committed before more are read: well below the limits, at which a
   * lane would wait for a commit that nothing causes.
   *
   * @param next records that the next poll may add
   */
  boolean isFilling(List<RunningLane> lanes, int next) {
    int all = 0;
    boolean isLaneFull = false;
    for (RunningLane lane : lanes) {
      int now = records(lane);
      all += now;
      isLaneFull |= now >= most;
    }
    return isLaneFull
        || all + next > MOST_OPEN
        || bytes.get() >= Math.min(mostBytes, MOST_OPEN_BYTES);
  }

  private static int records(RunningLane lane) {
    return lane.reader().acknowledgements().inFlight();
  }

  private void warn(RunningLane lane, int now) {
    Instant time = steady.instant();
    if (time.isBefore(nextWarning.getOrDefault(lane, Instant.MIN))) {
      return;
    }
    nextWarning.put(lane, time.plus(BETWEEN_WARNINGS));
    LOG.warn(
        "{}: {} records are in flight and Kafka Connect has not reported them"
            + " as written or dropped. The consumer stops reading until it does. The limits are {}"
            + " records per consumer (records.in.flight.max) and {} MiB per task, an eighth of the"
            + " heap. With exactly-once support Connect reports records when their transaction"
            + " commits, and it never commits a transaction whose records were all dropped by a"
            + " filter, a transform or a converter. {}",
        lane.group(),
        now,
        most,
        mostBytes >> 20,
        heartbeats.topic().isEmpty()
            ? "In that case set heartbeat.topic and exempt the topic from the filter with a"
                + " predicate. If transaction.boundary=interval, shorten"
                + " transaction.boundary.interval.ms"
            : "Heartbeats are sent to topic '"
                + heartbeats.topic()
                + "'. If this continues, they are dropped as well: exempt the topic from the filter"
                + " with a predicate");
  }

  /** Counts the records handed to Connect, and adds a heartbeat if one is due. */
  void handOver(List<SourceRecord> polled, List<RunningLane> lanes) {
    for (SourceRecord record : polled) {
      if (record instanceof EntryRecord own) {
        bytes.addAndGet(own.bytes());
        last = own;
      }
    }
    if (!heartbeats.topic().isEmpty()) {
      int all = 0;
      boolean isPressing = bytes.get() >= mostBytes / 2;
      for (RunningLane lane : lanes) {
        int of = records(lane);
        all += of;
        isPressing |= of >= (most + 1) / 2;
      }
      heartbeats.beat(polled, last, all, isPressing);
    }
  }

  /** Records that Connect has reported a record as written or dropped. */
  void reported(SourceRecord record) {
    heartbeats.reported();
    if (record instanceof EntryRecord own) {
      bytes.addAndGet(-own.bytes());
    }
  }
}
