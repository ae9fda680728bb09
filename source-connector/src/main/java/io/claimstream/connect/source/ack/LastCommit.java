/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.lane.SourceOffset;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The last transaction in which Kafka has committed entries of a consumer.
 *
 * @param from Connect's offset before it; null if there was none
 * @param to Connect's offset since then
 */
public record LastCommit(@Nullable SourceOffset from, SourceOffset to) {
  private static final String NONE = "-";

  /** Whether Connect's offset is the one from before the transaction: Kafka no longer has it. */
  public boolean isForgotten(@Nullable SourceOffset stored) {
    return Objects.equals(stored, from) && !to.equals(stored);
  }

  /**
   * Whether Connect's offset lies before that transaction and the one before it, so that Kafka, or
   * Connect's offsets topic, has lost more than one transaction.
   */
  public boolean isFarAhead(@Nullable SourceOffset stored) {
    return stored != null
        && from != null
        && stored.epoch() == from.epoch()
        && from.id().isAfter(stored.id());
  }

  /**
   * Parses the text of {@link #toString}.
   *
   * @throws IllegalArgumentException if the text is of another format
   */
  static LastCommit parse(String text) {
    String[] words = text.split(" ", -1);
    if (words.length != 4) {
      throw new IllegalArgumentException("not four words");
    }
    SourceOffset from = words[0].equals(NONE) ? null : offset(words[0], words[1]);
    return new LastCommit(from, offset(words[2], words[3]));
  }

  private static SourceOffset offset(String id, String epoch) {
    return new SourceOffset(EntryId.parse(id), Long.parseLong(epoch));
  }

  @Override
  public String toString() {
    return (from == null ? NONE + " 0" : from.id() + " " + from.epoch())
        + " "
        + to.id()
        + " "
        + to.epoch();
  }
}
