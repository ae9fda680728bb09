/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.LaneAcknowledgements;
import io.claimstream.connect.source.lane.LaneConnections;
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
 * Reads one lane: first what it left pending, then what is new. Task thread only.
 *
 * <p>Acknowledgements travel in the pipeline of the next read. Each read of new entries is one
 * transaction that Redis refuses if a newer task owns the lane. An outage closes the connection;
 * the lane connects again when its breaker says so, and looks through its pending entries once
 * more, because a reply may have been lost.
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
  private final Rewind rewind;
  private final UnreadTrimming unreadTrimming;
  private final Orphans orphans;
  private final ForeignClaims foreign;

  private final Deque<PendingReader> pending = new ArrayDeque<>();
  private @Nullable RedisConnection connection;
  private @Nullable ReadRequest request;
  private @Nullable EntryId topWhenIdle;

  /**
   * What one turn brought: entries of one source partition, in order; perhaps none.
   *
   * @param settled pending entries that Kafka has something of: the record, or a dead letter
   * @param deliveries 0, or how often the entries were delivered without reaching Kafka: too often
   */
  public record Batch(
      List<StreamEntry> entries,
      AckTracker tracker,
      String consumer,
      List<StreamEntry> settled,
      int deliveries) {

    /** Whether these entries are to be put aside instead of being tried once more. */
    public boolean isCondemned() {
      return deliveries > 0;
    }

    /** The same from that entry on. */
    public Batch from(int index) {
      return new Batch(
          entries.subList(index, entries.size()), tracker, consumer, List.of(), deliveries);
    }
  }

  /** A lane that is not connected yet. */
  public LaneReader(
      LaneSettings settings,
      LaneConnections connections,
      AckTracker tracker,
      GroupRecovery recovery,
      Orphans orphans,
      ForeignClaims foreign) {
    this.settings = settings;
    this.group = settings.group();
    this.consumer = settings.consumer();
    this.connections = connections;
    this.tracker = tracker;
    this.recovery = recovery;
    this.orphans = orphans;
    this.foreign = foreign;
    this.acknowledgements = new LaneAcknowledgements(tracker);
    this.ownership = new LaneOwnership(group, consumer);
    this.rewind = new Rewind(group, consumer, tracker);
    this.unreadTrimming = new UnreadTrimming(group);
  }

  /** What is to be acknowledged for this lane, by whoever comes first. */
  public LaneAcknowledgements acknowledgements() {
    return acknowledgements;
  }

  /** Whether the last read found nothing, so that waiting for {@link #awaited} makes sense. */
  public boolean isIdle() {
    return topWhenIdle != null;
  }

  /** Whether it is cut off from Redis and not to try again yet. */
  public boolean isBackingOff() {
    return connection == null && connections.breaker().isWaiting();
  }

  /** How long until a lane that is backing off tries again. */
  public Duration backoffRemaining() {
    return connections.breaker().remaining();
  }

  /** The stream and the id above which an entry would be new. */
  public Awaited awaited() {
    return new Awaited(group.stream(), topWhenIdle == null ? EntryId.ZERO : topWhenIdle);
  }

  /** Asks Redis for the next entries, unless the lane is not reading or has asked already. */
  public void request(List<Awaited> waitFor, Duration patience) {
    if (connection == null || request != null || !pending.isEmpty()) {
      return;
    }
    ReadRequest next =
        new ReadRequest(
            group,
            consumer,
            settings.readCount(),
            waitFor,
            patience,
            acknowledgements.take(),
            ownership);
    request = next;
    try {
      next.send(connection);
    } catch (RedisOutageException e) {
      disconnect();
      connections.breaker().failed(e);
    }
  }

  /** One turn: connects, recovers, or takes what Redis answered to the request. */
  public Batch collect() {
    if (connection == null && !connections.breaker().tryAcquire()) {
      return nothing();
    }
    try {
      RedisConnection open = connection == null ? connect() : connection;
      if (!pending.isEmpty()) {
        return recover(open, pending.element());
      }
      if (request == null) {
        request(List.of(), Duration.ZERO);
      }
      return request == null ? nothing() : receive(open, request);
    } catch (RedisOutageException e) {
      disconnect();
      connections.breaker().failed(e);
      return nothing();
    }
  }

  private RedisConnection connect() {
    RedisConnection opened = connections.lead();
    connection = opened;
    ownership.acquire(opened);
    if (!settings.onlyLane()) {
      rewind.restore(opened);
    }
    recovery.restore(opened, tracker);
    pending.clear();
    pending.add(new PendingReader(settings, consumer, tracker));
    connections.breaker().recovered();
    return opened;
  }

  private Batch recover(RedisConnection open, PendingReader reader) {
    PendingReader.Step step = reader.next(open, settings.readCount());
    if (step.finished()) {
      pending.remove();
      if (pending.isEmpty()) {
        takeOverOrphans(open);
      }
    }
    return new Batch(
        living(step.entries(), reader.tracker()),
        reader.tracker(),
        reader.consumer(),
        step.settled(),
        step.deliveries());
  }

  private void takeOverOrphans(RedisConnection open) {
    List<PendingReader> due = orphans.due(open, acknowledgements, settings);
    pending.addAll(due);
    boolean claiming = foreign.isDue();
    if (claiming) {
      pending.addAll(foreign.due(open, acknowledgements, settings));
    }
    if (claiming || !due.isEmpty()) {
      // becoming the owner of others' entries ended the watch on this lane's own key
      ownership.acquire(open);
    }
  }

  private Batch receive(RedisConnection open, ReadRequest asked) {
    ReadRequest.Answer answer = asked.receive(open);
    request = null;
    if (!answer.mine()) {
      // throws if a newer task owns the lane; what was read stays pending for that one
      ownership.acquire(open);
    }
    if (answer.refused()) {
      acknowledgements.putBack(asked.acknowledging());
      return nothing();
    }
    if (answer.groupLost()) {
      acknowledgements.putBack(asked.acknowledging());
      recovery.restore(open, tracker);
      pending.add(new PendingReader(settings, consumer, tracker));
      return nothing();
    }
    if (settings.onlyLane() && answer.entries().isEmpty()) {
      answer.info().ifPresent(info -> unreadTrimming.look(info.lag()));
    }
    topWhenIdle =
        answer.entries().isEmpty()
            ? answer.info().map(GroupInfo::lastDelivered).orElse(null)
            : null;
    if (!settings.onlyLane() && !answer.entries().isEmpty()) {
      rewind.newEntry(open, answer.entries().get(0).id());
    }
    List<StreamEntry> fresh = new ArrayList<>(answer.entries().size());
    for (StreamEntry entry : answer.entries()) {
      switch (tracker.judge(entry.id())) {
        case EMIT -> fresh.add(entry);
        case DONE -> tracker.done(entry.id());
        case IN_FLIGHT -> LOG.debug("{}: entry {} is on its way already", group, entry.id());
      }
    }
    takeOverOrphans(open);
    return new Batch(living(fresh, tracker), tracker, consumer, List.of(), 0);
  }

  /** Leaves out entries that Redis has trimmed: nothing can be emitted, they are acknowledged. */
  private List<StreamEntry> living(List<StreamEntry> entries, AckTracker owner) {
    if (entries.stream().noneMatch(StreamEntry::isTrimmed)) {
      return entries;
    }
    List<StreamEntry> living = new ArrayList<>();
    for (StreamEntry entry : entries) {
      if (entry.isTrimmed()) {
        LOG.warn(
            "{}: entry {} was trimmed from the stream before it reached Kafka: its content is lost."
                + " Give the stream a longer retention (MAXLEN, MINID) than its readers lag.",
            group,
            entry.id());
        owner.done(entry.id());
      } else {
        living.add(entry);
      }
    }
    return living;
  }

  private Batch nothing() {
    return new Batch(List.of(), tracker, consumer, List.of(), 0);
  }

  private void disconnect() {
    if (request != null) {
      acknowledgements.putBack(request.acknowledging());
      request = null;
    }
    topWhenIdle = null;
    Optional.ofNullable(connection).ifPresent(RedisConnection::close);
    connection = null;
  }

  @Override
  public void close() {
    disconnect();
  }
}
