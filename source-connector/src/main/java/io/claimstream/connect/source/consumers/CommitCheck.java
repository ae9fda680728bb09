/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.consumers;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.CommitKey;
import io.claimstream.connect.source.ack.LastCommit;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.lane.LaneOwnership;
import io.claimstream.connect.source.lane.SourceOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares a consumer's offset in Connect with the last commit that Redis knows of. A broker that
 * dies after it has confirmed a transaction may leave it open until a user aborts it (KAFKA-20734);
 * by then the entries are acknowledged. They become pending again, so that they are emitted like
 * all others. A task cannot begin a transaction before Kafka has ended the one before, so no more
 * than one can be lost this way. Task thread only.
 */
final class CommitCheck {
  private static final Logger LOG = LoggerFactory.getLogger(CommitCheck.class);

  /** Maximum entries per step: Redis serves no other client while it executes one. */
  private static final int MOST_AT_ONCE = 1_000;

  private final ConsumerGroup group;

  CommitCheck(ConsumerGroup group) {
    this.group = group;
  }

  /**
   * Makes acknowledged entries pending again if Kafka has lost them. Doing it twice changes
   * nothing. Ends the connection's watch if it does anything.
   *
   * @param ownership ownership of the consumer
   * @param offset the consumer's offset when the task started, null if there was none; called at
   *     most once
   * @param floor the id after which an epoch begins that Connect's offset is not of
   * @return whether it did anything
   */
  boolean restore(
      RedisConnection open,
      LaneOwnership ownership,
      Supplier<@Nullable SourceOffset> offset,
      @Nullable EntryId floor) {
    Optional<LastCommit> noted = CommitKey.of(group, ownership.consumer()).read(open);
    if (noted.isEmpty()) {
      return false;
    }
    LastCommit last = noted.get();
    SourceOffset stored = offset.get();
    if (last.isForgotten(stored)) {
      restore(
          open,
          ownership,
          last,
          stored == null || stored.epoch() < last.to().epoch() ? floor : stored.id());
      return true;
    }
    if (stored != null && last.isFarAhead(stored)) {
      LOG.warn(
          "{}: Connect's offset of consumer '{}' is {}, which is before the last two transactions"
              + " that Kafka has confirmed, up to {}. Connect's offsets topic is an older copy, or"
              + " has lost data. Entries after that offset that are acknowledged are not read again."
              + " To read them, stop the connector, PATCH /connectors/<name>/offsets with the id {},"
              + " and resume the connector.",
          group,
          ownership.consumer(),
          stored.id(),
          last.to().id(),
          stored.id());
    }
    return false;
  }

  private void restore(
      RedisConnection open, LaneOwnership ownership, LastCommit last, @Nullable EntryId after) {
    // also what a group that was moved back would deliver again: once something above it is
    // committed, the group is moved forward
    EntryId end = last.to().id();
    int restored = 0;
    EntryId cursor = after == null ? EntryId.ZERO : after.next();
    List<StreamEntry> page = page(open, cursor, end);
    while (!page.isEmpty()) {
      List<EntryId> ids = page.stream().map(StreamEntry::id).toList();
      Command claim = group.claimAcknowledged(ownership.consumer(), ids);
      ownership.acquire(open);
      Optional<List<@Nullable Object>> replies = ownership.execute(open, List.of(claim));
      if (replies.isPresent()) {
        restored += Replies.list(Replies.checked(replies.get().get(0), claim)).size();
        cursor = ids.get(ids.size() - 1).next();
        page = page(open, cursor, end);
      }
    }
    LOG.warn(
        "{}: Kafka has lost the last transaction of consumer '{}' after it had confirmed it:"
            + " Connect's offset is {} again, and was {}. {} acknowledged entries are pending again"
            + " and are emitted now. Entries in between that were trimmed meanwhile are missing in"
            + " Kafka. A cause is a transaction that a broker has left open and that was aborted"
            + " with kafka-transactions.sh.",
        group,
        ownership.consumer(),
        last.from() == null ? "absent" : last.from().id(),
        last.to().id(),
        restored);
  }

  private List<StreamEntry> page(RedisConnection open, EntryId from, EntryId to) {
    return from.isAfter(to) ? List.of() : group.range(open, from, to, MOST_AT_ONCE);
  }
}
