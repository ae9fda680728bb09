/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.AcknowledgingConnection;
import io.claimstream.connect.source.ack.LaneAcknowledgements;
import io.claimstream.connect.source.consumers.Backlog;
import io.claimstream.connect.source.consumers.StreamConsumers;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.MissingStreamException;
import io.claimstream.connect.source.group.PendingEntry;
import io.claimstream.connect.source.lane.LaneConnections;
import io.claimstream.connect.source.lane.LaneContext;
import io.claimstream.connect.source.metrics.StreamMetrics;
import io.claimstream.connect.source.read.ReadRequest.Outcome;
import io.claimstream.connect.source.retention.StreamTrimmer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reader of one lane: first of its pending entries, then of new ones. Task thread only.
 *
 * <p>Acknowledgements are sent in the pipeline of the next read, and trimming after them, or as
 * soon as they are due if Connect commits on the task thread. Each read of new entries is one
 * transaction, which Redis rejects if a newer task owns the consumer. An outage closes the
 * connection; the lane reconnects when its breaker permits, and reads its pending entries again,
 * because a reply may have been lost. The outage ends with a successful read: a server that accepts
 * connections may still reject reads.
 */
public final class LaneReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LaneReader.class);

  private final LaneContext lane;
  private final ConsumerGroup group;
  private final LaneConnections connections;
  private final StreamMetrics metrics;
  private final LaneAcknowledgements acknowledgements;
  private final AckTracker tracker;
  private final StreamConsumers consumers;
  private final LossDetector losses;
  private final ReceivedEntries received;
  private final StreamTrimmer trimmer;
  private final ReadSize readSize;
  private final ShortageLog shortage;
  private final StreamAbsence absence;

  private final Deque<PendingReader> pending = new ArrayDeque<>();
  private @Nullable AcknowledgingConnection connection;
  private @Nullable ReadRequest request;
  private @Nullable EntryId topWhenIdle;
  private boolean awaitsKafka;
  private boolean hasMore;
  private boolean hasConnectedBefore;

  /**
   * Creates a reader that is not connected yet.
   *
   * @param consumers the other consumers of the stream
   * @param trimmer removes entries that every group has acknowledged
   */
  public LaneReader(
      LaneContext lane,
      LaneAcknowledgements acknowledgements,
      StreamConsumers consumers,
      StreamTrimmer trimmer) {
    this.lane = lane;
    this.trimmer = trimmer;
    this.group = lane.group();
    this.connections = lane.connections();
    this.metrics = lane.metrics();
    this.acknowledgements = acknowledgements;
    this.tracker = acknowledgements.own();
    this.consumers = consumers;
    this.losses = new LossDetector(group, metrics.trimmed());
    this.received = new ReceivedEntries(lane, tracker, consumers, losses);
    this.shortage = new ShortageLog(LOG, group, lane.clock());
    this.absence = new StreamAbsence(lane, tracker);
    this.readSize = new ReadSize(lane.settings().readCount());
    metrics.watch(connections.breaker(), acknowledgements::inFlight);
  }

  /** The acknowledgements that are due for this lane. */
  public LaneAcknowledgements acknowledgements() {
    return acknowledgements;
  }

  /** Whether the last read returned nothing, so that the task can wait for {@link #awaited}. */
  public boolean isIdle() {
    return topWhenIdle != null;
  }

  /** Whether the lane can continue only after Kafka has confirmed the emitted records. */
  public boolean awaitsKafka() {
    return awaitsKafka;
  }

  /** Whether the last read of new entries was full, so that there may be more. */
  public boolean hasMore() {
    return hasMore;
  }

  /** Whether the next turn reads pending entries. */
  public boolean isRecovering() {
    return !pending.isEmpty();
  }

  /** Whether it has a connection, as far as is known. */
  public boolean isConnected() {
    return connection != null;
  }

  /** Whether it is disconnected and the backoff has not elapsed. */
  public boolean isBackingOff() {
    return connection == null && (absence.isWaiting() || connections.breaker().isWaiting());
  }

  /** Time until a lane that is backing off tries again. */
  public Duration backoffRemaining() {
    return absence.isWaiting() ? absence.remaining() : connections.breaker().remaining();
  }

  /** Returns the stream and the id above which an entry is new. */
  public Awaited awaited() {
    return new Awaited(group.stream(), topWhenIdle == null ? EntryId.ZERO : topWhenIdle);
  }

  /** Whether a request is in flight, so that {@link #collect} does not wait for Redis. */
  public boolean hasAsked() {
    return request != null;
  }

  /** Whether a blocking read is in flight. */
  public boolean isWaiting() {
    return request != null && request.waits();
  }

  /**
   * Whether Redis replies to the request within {@code atMost}. Also true if there is no request in
   * flight or the connection is lost, because the lane has work to do then.
   */
  public boolean awaitAnswer(Duration atMost) {
    if (connection == null || request == null) {
      return true;
    }
    try {
      return request.isAnswered(connection, atMost);
    } catch (RedisOutageException e) {
      isOut(e);
      return true;
    }
  }

  /** Requests the next entries, unless the lane is not reading or has a request in flight. */
  public void request(List<Awaited> waitFor, Duration patience) {
    if (connection == null || request != null || !pending.isEmpty() || consumers.isChanged()) {
      return;
    }
    if (connection.isClosedByServer()) {
      return; // the next turn reconnects
    }
    ReadRequest next =
        new ReadRequest(
            lane,
            consumers.ownership(),
            readSize.count(),
            acknowledgements.take(),
            trimmer.due(),
            waitFor,
            patience);
    request = next;
    try {
      connection.storeCommits();
      next.send(connection);
    } catch (RedisOutageException e) {
      isOut(e);
    }
  }

  /**
   * Sends the acknowledgements that are due without waiting for the reply, unless Redis would
   * execute them only after a blocking read. A failure surfaces in the next turn.
   */
  public void acknowledge() {
    try {
      if (connection != null && !isWaiting() && !connection.isClosedByServer()) {
        connection.acknowledge();
      }
    } catch (ConnectException e) {
      LOG.debug("{}: failed to send acknowledgements: {}", group, e.getMessage());
    }
  }

  /**
   * Waits for the replies to acknowledgements before the reader is closed.
   *
   * @return false if Redis does not reply within that time
   */
  public boolean settle(Duration atMost) {
    try {
      return connection == null || connection.settle(atMost);
    } catch (ConnectException e) {
      LOG.debug("{}: failed to acknowledge: {}", group, e.getMessage());
      return false;
    }
  }

  private void isOut(RedisOutageException e) {
    if (request != null || !pending.isEmpty()) {
      readSize.lost();
    }
    close();
    metrics.errors(RedisErrorKind.OUTAGE).add(1);
    connections.breaker().failed(e);
  }

  /**
   * Executes one turn: connects, recovers pending entries, or takes the reply to the request if it
   * has arrived. Blocks on Redis only if {@link #hasAsked} is false.
   */
  public LaneBatch collect() {
    if (connection != null && request == null && connection.isClosedByServer()) {
      LOG.debug("{}: the server has closed an idle connection; reconnecting", group);
      close();
    }
    if (connection == null && (absence.isWaiting() || !connections.breaker().tryAcquire())) {
      return nothing();
    }
    try {
      AcknowledgingConnection open = connection == null ? connect() : connection;
      if (consumers.isChanged()) {
        consumers.acquire(open);
      }
      if (!pending.isEmpty()) {
        return recover(open, pending.element());
      }
      if (request == null) {
        request(List.of(), Duration.ZERO);
      }
      return request != null && request.isAnswered(open, Duration.ZERO)
          ? receive(open, request)
          : nothing();
    } catch (RedisOutageException e) {
      isOut(e);
    } catch (MissingStreamException | RedisConfigurationException e) {
      if (!absence.isCauseOf(e)) {
        throw e;
      }
      close();
      connections.breaker().recovered();
    }
    return nothing();
  }

  private AcknowledgingConnection connect() {
    AcknowledgingConnection opened =
        new AcknowledgingConnection(connections.lead(), group, acknowledgements);
    connection = opened;
    consumers.acquire(opened);
    received.restoreGroup(opened);
    absence.over();
    if (hasConnectedBefore) {
      received.goBackBeforeUnreceived(opened);
    } else {
      if (!consumers.ownership().hadOwner() && !received.hadOffset()) {
        warnOfNamesake(opened);
      }
      consumers.restoreLostByKafka(opened);
    }
    pending.clear();
    addOwnPending(!hasConnectedBefore);
    hasConnectedBefore = true;
    return opened;
  }

  private void addOwnPending(boolean delivers) {
    Backlog own = new Backlog(consumers.ownership(), tracker, delivers);
    pending.add(new PendingReader(lane, own));
  }

  /**
   * Warns about entries that are pending under the name of a consumer under which this connector
   * never read: they are another program's.
   */
  private void warnOfNamesake(RedisConnection open) {
    List<PendingEntry> some = group.pending(open, lane.consumer(), EntryId.ZERO, 1);
    if (!some.isEmpty()) {
      LOG.warn(
          "{}: consumer '{}' has pending entries, starting with {}, although this connector has"
              + " never read under that name: another program seems to use the same name. The"
              + " entries are emitted. If that program still runs, rename its consumer or this"
              + " connector, because each of the two receives the other's entries.",
          group,
          lane.consumer(),
          some.get(0).id());
    }
  }

  private LaneBatch recover(AcknowledgingConnection open, PendingReader reader) {
    LaneBatch batch = reader.next(open, lane.settings().readCount(), readSize.count());
    readSize.received(batch.entries());
    awaitsKafka = reader.awaitsKafka();
    metrics.recovered().add(batch.entries().size());
    if (!batch.entries().isEmpty()) {
      connections.breaker().recovered();
    }
    if (reader.tracker() == tracker) {
      received.remember(batch.entries());
    }
    // recovery can find more of them than one read should carry
    open.acknowledge();
    if (reader.isAtEnd()) {
      pending.remove();
      if (pending.isEmpty()) {
        takeOver(open);
      }
    }
    return batch.with(losses.withoutTrimmed(batch.entries(), batch.tracker()));
  }

  private void takeOver(RedisConnection open) {
    for (Backlog due : consumers.due(open)) {
      pending.add(new PendingReader(lane, due));
    }
  }

  private LaneBatch receive(RedisConnection open, ReadRequest asked) {
    ReadRequest.Answer answer = asked.receive(open);
    metrics.sampled(asked.answers(open));
    trimmer.check(asked.trimmed(open));
    if (!asked.waits()) {
      metrics.readLatency().record(asked.waited().toNanos() / 1e6);
    }
    request = null;
    if (answer.outcome() == Outcome.FULL) {
      readWithoutMemory(open, asked, answer);
      return nothing();
    }
    connections.breaker().recovered();
    if (!asked.isByScript()) {
      shortage.over();
    }
    if (answer.outcome() != Outcome.READ) {
      acknowledgements.putBack(asked.acknowledging());
      // throws if a newer task owns the consumer
      consumers.acquire(open);
      if (answer.outcome() == Outcome.GROUP_LOST) {
        received.restoreGroup(open);
        addOwnPending(false);
      }
      return nothing();
    }
    consumers.observe(open, answer.mine());
    acknowledgements.acknowledged(asked.acknowledging().size());
    List<StreamEntry> entries = answer.entries();
    hasMore = entries.size() >= asked.count();
    metrics.read().add(entries.size());
    readSize.received(entries);
    List<StreamEntry> fresh = received.fresh(open, answer);
    answer.info().ifPresent(info -> absence.read(info.lag()));
    answer.info().ifPresent(info -> topWhenIdle = entries.isEmpty() ? info.lastDelivered() : null);
    takeOver(open);
    return nothing().with(losses.withoutTrimmed(fresh, tracker));
  }

  /** Repeats the request as a script; the next turn takes the reply. */
  private void readWithoutMemory(
      RedisConnection open, ReadRequest asked, ReadRequest.Answer answer) {
    shortage.full();
    acknowledgements.putBack(asked.acknowledging());
    consumers.observe(open, answer.mine());
    if (!consumers.isChanged()) {
      ReadRequest next = asked.byScript(acknowledgements.take());
      request = next;
      next.send(open);
    }
  }

  private LaneBatch nothing() {
    return new LaneBatch(List.of(), tracker, lane.consumer(), List.of(), 0);
  }

  /** Closes the connection, if there is one. */
  @Override
  public void close() {
    if (request != null) {
      acknowledgements.putBack(request.acknowledging());
      request = null;
    }
    topWhenIdle = null;
    awaitsKafka = false;
    hasMore = false;
    Optional.ofNullable(connection).ifPresent(RedisConnection::close);
    connection = null;
  }
}
