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
 * Bounds what a task has handed to Connect and was not told of: Connect keeps it in memory as well,
 * and where it has dropped all of it, does not tell before something else is committed. {@link
 * #told} may be called by any thread, the rest by the task's.
 */
final class InFlight {
  private static final Logger LOG = LoggerFactory.getLogger(InFlight.class);

  /** Of the heap, for the bytes of entries: as objects they take some times as much. */
  private static final int PART_OF_HEAP = 8;

  private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(10);

  private final int most;
  private final long mostBytes;
  private final Heartbeats heartbeats;
  private final InstantSource steady;
  private final AtomicLong bytes = new AtomicLong();
  private final Map<RunningLane, Instant> nextWarning = new HashMap<>();
  private @Nullable EntryRecord last;

  /**
   * What one task has in flight.
   *
   * @param most records of one lane
   * @param steady steady time
   */
  InFlight(int most, Heartbeats heartbeats, InstantSource steady) {
    this.most = most;
    this.mostBytes = Runtime.getRuntime().maxMemory() / PART_OF_HEAP;
    this.heartbeats = heartbeats;
    this.steady = steady;
  }

  /** Whether a lane is to be read no further now. Says so in the log. */
  boolean isFull(RunningLane lane) {
    int now = records(lane);
    boolean isFull = now >= most || (now > 0 && bytes.get() >= mostBytes);
    if (isFull) {
      warn(lane, now);
    }
    return isFull;
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
        "stream '{}', group '{}': {} records are in flight, and Kafka Connect has not said what"
            + " became of them. No more are read until it does: {} for a consumer"
            + " (records.in.flight.max), or {} MiB for the task, an eighth of the heap. With"
            + " exactly-once support Connect says so when a transaction commits, which one whose"
            + " records are all dropped by a filter, a transform or a converter never does. {}",
        lane.stream(),
        lane.group(),
        now,
        most,
        mostBytes >> 20,
        heartbeats.topic().isEmpty()
            ? "If that is the case, set heartbeat.topic and let its records through with a"
                + " predicate; if transactions end by interval, end them more often"
            : "Heartbeats go to topic '"
                + heartbeats.topic()
                + "': if this lasts they are dropped, too, and a predicate has to let them"
                + " through");
  }

  /** Notes what leaves for Connect, and adds a heartbeat if that is due. */
  void handOver(List<SourceRecord> polled, List<RunningLane> lanes) {
    for (SourceRecord record : polled) {
      if (record instanceof EntryRecord own) {
        bytes.addAndGet(own.entry().bytes());
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

  /** Notes that Connect has told of a record. */
  void told(SourceRecord record) {
    heartbeats.hasNews();
    if (record instanceof EntryRecord own) {
      bytes.addAndGet(-own.entry().bytes());
    }
  }
}
