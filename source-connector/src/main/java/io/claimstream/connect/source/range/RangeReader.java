/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.range;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.retry.OutageBreaker;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.read.ReadSize;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reader of one stream's range. Uses only commands that write nothing, so that a read-only user and
 * a replica suffice. Task thread only.
 *
 * @see <a href="https://redis.io/docs/latest/commands/xread/">XREAD</a>
 */
final class RangeReader implements AutoCloseable {

  /**
   * Time after the end of a range until it counts as complete while the stream is quiet: entries
   * for it may still arrive at a replica.
   */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final int REPLIES = 3;

  private final RedisConnections connections;
  private final String stream;
  private final Map<String, String> partition;
  private final StreamRange range;
  private final Duration commandTimeout;
  private final OutageBreaker breaker;
  private final RangeMetrics metrics;
  private final InstantSource steady;
  private final ReadSize size;
  private final MissingEntries missing;

  private EntryId position;
  private @Nullable RedisConnection connection;
  private @Nullable Instant asked;

  private boolean isComplete;

  /**
   * Creates a reader that is not connected yet.
   *
   * @param offset Connect's offset of the stream; null if there is none
   * @param readCount maximum entries per read
   * @param steady steady time
   */
  RangeReader(
      RedisConnections connections,
      String stream,
      StreamRange range,
      @Nullable EntryId offset,
      int readCount,
      Duration commandTimeout,
      OutageBreaker breaker,
      RangeMetrics metrics,
      MissingEntries missing,
      InstantSource steady) {
    this.connections = connections;
    this.stream = stream;
    this.partition = partition(stream);
    this.range = range;
    this.commandTimeout = commandTimeout;
    this.breaker = breaker;
    this.metrics = metrics;
    this.missing = missing;
    this.steady = steady;
    this.size = new ReadSize(readCount);
    this.position = offset == null ? range.start() : EntryId.higher(range.start(), offset);
    if (offset != null) {
      missing.startAfterOffset();
    }
    this.isComplete = range.hasEnd() && !range.to().isAfter(position);
  }

  /** The stream. */
  String stream() {
    return stream;
  }

  /** Connect's source partition of the stream. */
  Map<String, String> partition() {
    return partition;
  }

  /** Connect's source partition of a stream. */
  static Map<String, String> partition(String stream) {
    return Map.of("stream", stream);
  }

  /** The metrics of the stream. */
  RangeMetrics metrics() {
    return metrics;
  }

  /** Whether no entry of the range is left to read. */
  boolean isComplete() {
    return isComplete;
  }

  /** Whether entries of the range are known to be missing. */
  boolean isIncomplete() {
    return missing.isAny();
  }

  /** Requests the next entries, unless a request is in flight or Redis is unavailable. */
  void ask() {
    if (isComplete || asked != null) {
      return;
    }
    if (connection != null && connection.isClosedByServer()) {
      close();
    }
    if (connection == null && !breaker.tryAcquire()) {
      return;
    }
    try {
      RedisConnection open = connection == null ? connections.open(stream) : connection;
      connection = open;
      // the stream's state before the read: the read has seen all that was generated until then
      open.send(
          List.of(
              StreamInfo.command(stream),
              Command.of("TIME"),
              Command.of("XREAD", "COUNT", size.count(), "STREAMS", stream, position)));
      asked = steady.instant();
    } catch (RedisOutageException e) {
      isOut(e);
    }
  }

  /**
   * Returns the entries that have arrived, in order; none if there are none.
   *
   * @param patience time to wait for the reply
   */
  List<StreamEntry> take(Duration patience) {
    RedisConnection open = connection;
    Instant since = asked;
    if (open == null || since == null) {
      return List.of();
    }
    try {
      if (!open.awaitReply(patience)) {
        if (Duration.between(since, steady.instant()).compareTo(commandTimeout) > 0) {
          throw new RedisOutageException(
              open.address() + " did not reply within " + commandTimeout.toMillis() + " ms", null);
        }
        return List.of();
      }
      List<@Nullable Object> replies = open.receive(REPLIES, Duration.ZERO);
      asked = null;
      List<StreamEntry> entries = received(replies);
      breaker.recovered();
      return entries;
    } catch (RedisOutageException e) {
      size.lost();
      isOut(e);
      return List.of();
    }
  }

  private List<StreamEntry> received(List<@Nullable Object> replies) {
    StreamInfo info = StreamInfo.parse(stream, replies.get(0));
    Object reply = Replies.checked(replies.get(2), "XREAD of stream " + stream);
    List<StreamEntry> entries = Replies.entriesOfOneStream(reply);
    missing.check(info, position, entries.size());
    size.received(entries);
    List<StreamEntry> inRange =
        entries.stream().filter(entry -> range.endsAtOrAfter(entry.id())).toList();
    if (!inRange.isEmpty()) {
      position = inRange.get(inRange.size() - 1).id();
    }
    boolean hasPassed =
        entries.isEmpty()
            && !missing.isBehind()
            && (info.last().isAfter(range.to()) || isOver(Replies.list(replies.get(1))));
    isComplete = hasPassed || inRange.size() < entries.size() || position.equals(range.to());
    if (isComplete) {
      close();
    }
    return inRange;
  }

  /** Whether Redis' clock has passed the end of the range, so that no entry is added to it. */
  private boolean isOver(List<@Nullable Object> time) {
    if (!range.hasEnd()) {
      return false;
    }
    long seconds = Long.parseLong(String.valueOf(Replies.text(time.get(0))));
    long end = range.to().millis() + GRACE.toMillis();
    return end > 0 && Duration.ofSeconds(seconds).toMillis() > end;
  }

  private void isOut(RedisOutageException e) {
    close();
    metrics.errors(RedisErrorKind.OUTAGE).add(1);
    breaker.failed(e);
  }

  @Override
  public void close() {
    asked = null;
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }
}
