/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.AckTracker.Verdict;
import io.claimstream.connect.source.ack.LaneAcknowledgements;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.GroupInfo;
import io.claimstream.connect.source.group.PendingEntry;
import io.claimstream.connect.source.lane.LaneConnections;
import io.claimstream.connect.source.metrics.StreamMetrics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reader of one lane: first of its pending entries, then of new ones. Task thread only.
 *
 * <p>Acknowledgements are sent in the pipeline of the next read. Each read of new entries is one
 * transaction, which Redis rejects if a newer task owns the consumer. An outage closes the
 * connection; the lane reconnects when its breaker permits, and reads its pending entries again,
 * because a reply may have been lost. The outage ends with a successful read: a server that accepts
 * connections may still reject reads.
 */
public final class LaneReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LaneReader.class);

  private final LaneSettings settings;
  private final ConsumerGroup group;
  private final String consumer;
  private final LaneConnections connections;
  private final GroupRecovery recovery;
  private final LaneAcknowledgements acknowledgements;
  private final AckTracker tracker;
  private final LaneOwnership ownership;
  private final SharedLanes shared;
  private final LanesWatch lanes;
  private final LossDetector losses;
  private final ReadSize readSize;
  private final ShortageLog shortage;
  private final RecentEntries recent = new RecentEntries();
  private final @Nullable EntryId startedAt;
  private final FormerConsumers formerConsumers;
  private final IdleTakeover idleTakeover;
  private final StreamMetrics metrics;

  private final Deque<PendingReader> pending = new ArrayDeque<>();
  private @Nullable RedisConnection connection;
  private @Nullable ReadRequest request;
  private @Nullable EntryId topWhenIdle;
  private @Nullable EntryId groupStoodAt;
  private boolean awaitsKafka;
  private boolean hasConnectedBefore;

  /** Creates a reader that is not connected yet. */
  public LaneReader(
      LaneSettings settings,
      LaneConnections connections,
      AckTracker tracker,
      SharedLanes shared,
      GroupRecovery recovery,
      FormerConsumers formerConsumers,
      IdleTakeover idleTakeover,
      StreamMetrics metrics) {
    this.settings = settings;
    this.group = settings.group();
    this.consumer = settings.consumer();
    this.connections = connections;
    this.tracker = tracker;
    this.shared = shared;
    this.recovery = recovery;
    this.formerConsumers = formerConsumers;
    this.idleTakeover = idleTakeover;
    this.metrics = metrics;
    this.acknowledgements = new LaneAcknowledgements(tracker, metrics);
    this.ownership = new LaneOwnership(group, consumer, shared, connections.fences());
    this.lanes = new LanesWatch(ownership, shared, recovery, tracker, formerConsumers::trackers);
    this.losses = new LossDetector(group, metrics.trimmed());
    metrics.watch(connections.breaker(), acknowledgements::inFlight);
    this.shortage = new ShortageLog(LOG, group, settings.clock());
    this.readSize = new ReadSize(settings.readCount());
    this.startedAt = tracker.lastEmitted();
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

  /** Whether it has a connection, as far as is known. */
  public boolean isConnected() {
    return connection != null;
  }

  /** Whether it is disconnected and the backoff has not elapsed. */
  public boolean isBackingOff() {
    return connection == null && connections.breaker().isWaiting();
  }

  /** Time until a lane that is backing off tries again. */
  public Duration backoffRemaining() {
    return connections.breaker().remaining();
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
      return request.isAnswered(connection, atMost, settings.commandTimeout());
    } catch (RedisOutageException e) {
      isOut(e);
      return true;
    }
  }

  /** Requests the next entries, unless the lane is not reading or has a request in flight. */
  public void request(List<Awaited> waitFor, Duration patience) {
    if (connection == null || request != null || !pending.isEmpty() || lanes.isChanged()) {
      return;
    }
    if (connection.isClosedByServer()) {
      return; // the next turn reconnects
    }
    ReadRequest next =
        new ReadRequest(
            group,
            consumer,
            readSize.count(),
            waitFor,
            patience,
            acknowledgements.take(),
            ownership,
            shared,
            metrics.dueSamples(),
            settings.clock());
    request = next;
    try {
      next.send(connection);
    } catch (RedisOutageException e) {
      isOut(e);
    }
  }

  private void isOut(RedisOutageException e) {
    if (request != null || !pending.isEmpty()) {
      readSize.lost();
    }
    disconnect();
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
      disconnect();
    }
    if (connection == null && !connections.breaker().tryAcquire()) {
      return nothing();
    }
    try {
      RedisConnection open = connection == null ? connect() : connection;
      if (lanes.isChanged()) {
        lanes.apply(open);
      }
      if (!pending.isEmpty()) {
        return recover(open, pending.element());
      }
      if (request == null) {
        request(List.of(), Duration.ZERO);
      }
      return request != null && request.isAnswered(open, Duration.ZERO, settings.commandTimeout())
          ? receive(open, request)
          : nothing();
    } catch (RedisOutageException e) {
      isOut(e);
      return nothing();
    }
  }

  private RedisConnection connect() {
    RedisConnection opened = connections.lead();
    connection = opened;
    lanes.apply(opened);
    restore(opened);
    if (hasConnectedBefore) {
      goBackBeforeUnreceived(opened);
    } else if (!ownership.hadOwner() && startedAt == null) {
      warnOfNamesake(opened);
    }
    pending.clear();
    pending.add(new PendingReader(settings, ownership, tracker, !hasConnectedBefore));
    hasConnectedBefore = true;
    return opened;
  }

  /**
   * Warns about entries that are pending under the name of a consumer under which this connector
   * never read: they are another program's.
   */
  private void warnOfNamesake(RedisConnection open) {
    List<PendingEntry> some = group.pending(open, consumer, EntryId.ZERO, 1);
    if (!some.isEmpty()) {
      LOG.warn(
          "{}: consumer '{}' has pending entries, starting with {}, although this connector has"
              + " never read under that name: another program seems to use the same name. The"
              + " entries are emitted. If that program still runs, rename its consumer or this"
              + " connector, because each of the two receives the other's entries.",
          group,
          consumer,
          some.get(0).id());
    }
  }

  private void restore(RedisConnection open) {
    recovery.restore(open, tracker, ownership, recent);
    lanes.apply(open);
    lanes.applyAgain();
    losses.restored(tracker.safePosition());
  }

  /**
   * Checks for entries below the last emitted id that this lane never received. A group that was
   * moved back, or a stream that was replaced, can deliver such entries. If the reply is lost, they
   * are pending and would count as being in Kafka.
   */
  private void goBackBeforeUnreceived(RedisConnection open) {
    EntryId emitted = tracker.lastEmitted();
    if (emitted == null || EntryId.MAX.equals(startedAt)) {
      return;
    }
    EntryId cursor = startedAt == null ? EntryId.ZERO : startedAt.next();
    List<PendingEntry> page = group.pending(open, consumer, cursor, settings.readCount());
    while (!page.isEmpty() && !page.get(0).id().isAfter(emitted)) {
      for (PendingEntry entry : page) {
        if (tracker.judge(entry.id()) == Verdict.DONE && !recent.knows(entry.id())) {
          if (lanes.several()) {
            lanes.goBackBefore(open, entry.id(), null);
            return;
          } else if (recent.isMissing(entry.id())) {
            readAsNew(open, entry.id());
            return;
          }
        }
      }
      EntryId last = page.get(page.size() - 1).id();
      page =
          last.equals(EntryId.MAX)
              ? List.of()
              : group.pending(open, consumer, last.next(), settings.readCount());
    }
  }

  private void readAsNew(RedisConnection open, EntryId first) {
    recovery.readAsNew(open, tracker, ownership, recent, first.previous());
    lanes.rewatch(open);
  }

  private LaneBatch recover(RedisConnection open, PendingReader reader) {
    LaneBatch batch = reader.next(open, settings.readCount(), readSize.count());
    readSize.received(batch.entries());
    awaitsKafka = reader.awaitsKafka();
    metrics.recovered().add(batch.entries().size());
    if (!batch.entries().isEmpty()) {
      connections.breaker().recovered();
    }
    if (reader.tracker() == tracker) {
      remember(batch.entries());
    }
    acknowledge(open);
    if (reader.isAtEnd()) {
      pending.remove();
      if (pending.isEmpty()) {
        takeOver(open);
      }
    }
    return batch.with(losses.withoutTrimmed(batch.entries(), batch.tracker()));
  }

  /**
   * Acknowledges entries immediately: recovery can find more of them than one read should carry.
   */
  private void acknowledge(RedisConnection open) {
    List<EntryId> ids = acknowledgements.take();
    if (!ids.isEmpty()) {
      try {
        open.call(group.ack(ids));
        acknowledgements.acknowledged(ids.size());
      } catch (RedisOutageException e) {
        acknowledgements.putBack(ids);
        throw e;
      }
    }
  }

  private void takeOver(RedisConnection open) {
    boolean isRecoveryDue = formerConsumers.isDue();
    boolean isTakeoverDue = idleTakeover.isDue();
    if (isRecoveryDue) {
      pending.addAll(formerConsumers.due(open, acknowledgements, settings));
    }
    if (isTakeoverDue) {
      pending.addAll(idleTakeover.due(open, acknowledgements, settings));
    }
    if (isRecoveryDue || isTakeoverDue) {
      // acquiring the other consumers ended the watch
      lanes.rewatch(open);
    }
  }

  private LaneBatch receive(RedisConnection open, ReadRequest asked) {
    ReadRequest.Answer answer = asked.receive(open);
    metrics.sampled(asked.answers(open));
    if (!asked.waits()) {
      metrics.readLatency().record(asked.waited().toNanos() / 1e6);
    }
    request = null;
    if (answer.full()) {
      readWithoutMemory(open, asked, answer);
      return nothing();
    }
    connections.breaker().recovered();
    if (!asked.isByScript()) {
      shortage.over();
    }
    if (answer.refused() || answer.groupLost()) {
      acknowledgements.putBack(asked.acknowledging());
      // throws if a newer task owns the consumer
      lanes.apply(open);
      if (answer.groupLost()) {
        restore(open);
        pending.add(new PendingReader(settings, ownership, tracker, false));
      }
      return nothing();
    }
    if (answer.mine()) {
      lanes.observe(answer.lanes());
    } else {
      // throws if a newer task owns the consumer; the entries stay pending for that task
      lanes.rewatch(open);
    }
    acknowledgements.acknowledged(asked.acknowledging().size());
    List<StreamEntry> entries = answer.entries();
    metrics.read().add(entries.size());
    readSize.received(entries);
    EntryId emitted = tracker.lastEmitted();
    if (!answer.lanes().several() && emitted != null) {
      entries.stream()
          .filter(entry -> !entry.id().isAfter(emitted) && !entry.isTrimmed())
          .filter(recent::isMissing)
          .findFirst()
          .ifPresent(entry -> readAsNew(open, entry.id()));
    }
    remember(entries);
    if (answer.lanes().several()) {
      answer.info().ifPresent(info -> recent.sharedUpTo(info.lastDelivered()));
    }
    answer.info().ifPresent(info -> observe(open, entries, info));
    groupStoodAt = answer.info().map(GroupInfo::lastDelivered).orElse(groupStoodAt);
    List<StreamEntry> fresh = new ArrayList<>(entries.size());
    for (StreamEntry entry : entries) {
      switch (tracker.judge(entry.id())) {
        case EMIT -> fresh.add(entry);
        case DONE -> {
          losses.covered(entry.id());
          tracker.done(entry.id());
        }
        case IN_FLIGHT -> LOG.debug("{}: entry {} is in flight already", group, entry.id());
      }
    }
    if (!entries.isEmpty()) {
      losses.readUpTo(entries.get(entries.size() - 1).id());
    }
    takeOver(open);
    return new LaneBatch(losses.withoutTrimmed(fresh, tracker), tracker, consumer, List.of(), 0);
  }

  /** Repeats the request as a script; the next turn takes the reply. */
  private void readWithoutMemory(
      RedisConnection open, ReadRequest asked, ReadRequest.Answer answer) {
    shortage.full();
    acknowledgements.putBack(asked.acknowledging());
    if (answer.mine()) {
      lanes.observe(answer.lanes());
    } else {
      // throws if a newer task owns the consumer
      lanes.rewatch(open);
    }
    if (!lanes.isChanged()) {
      ReadRequest next = asked.byScript(acknowledgements.take());
      request = next;
      next.send(open);
    }
  }

  private void remember(List<StreamEntry> entries) {
    for (StreamEntry entry : entries) {
      // a trimmed entry is pending until it is acknowledged, and was delivered to this lane
      // nevertheless
      if (!entry.isTrimmed() || !recent.knows(entry.id())) {
        recent.add(entry);
      }
    }
  }

  private void observe(RedisConnection open, List<StreamEntry> entries, GroupInfo info) {
    topWhenIdle = entries.isEmpty() ? info.lastDelivered() : null;
    if (!entries.isEmpty()) {
      lanes.goBackBefore(open, entries.get(0).id(), groupStoodAt);
    } else if (settings.first()) {
      losses.nothingLeft(info.lag());
    }
  }

  private LaneBatch nothing() {
    return new LaneBatch(List.of(), tracker, consumer, List.of(), 0);
  }

  private void disconnect() {
    if (request != null) {
      acknowledgements.putBack(request.acknowledging());
      request = null;
    }
    topWhenIdle = null;
    awaitsKafka = false;
    Optional.ofNullable(connection).ifPresent(RedisConnection::close);
    connection = null;
  }

  @Override
  public void close() {
    disconnect();
  }
}
