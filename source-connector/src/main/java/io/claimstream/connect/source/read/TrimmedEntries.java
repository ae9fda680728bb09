/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.metrics.Counter;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.group.ConsumerGroup;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handling of pending entries that were trimmed from the stream: they cannot be emitted, so they
 * are only acknowledged.
 */
final class TrimmedEntries {
  private static final Logger LOG = LoggerFactory.getLogger(TrimmedEntries.class);

  private final ConsumerGroup group;
  private final Counter trimmed;

  TrimmedEntries(ConsumerGroup group, Counter trimmed) {
    this.group = group;
    this.trimmed = trimmed;
  }

  /** Returns the entries that were not trimmed; logs and acknowledges each of the others. */
  List<StreamEntry> withoutTrimmed(List<StreamEntry> entries, AckTracker owner) {
    if (entries.stream().noneMatch(StreamEntry::isTrimmed)) {
      return entries;
    }
    List<StreamEntry> living = new ArrayList<>();
    for (StreamEntry entry : entries) {
      if (entry.isTrimmed()) {
        LOG.warn(
            "{}: entry {} was trimmed from the stream before it reached Kafka: its content is lost."
                + " Trim the stream less (MAXLEN, MINID), so that its retention covers the"
                + " consumers' lag.",
            group,
            entry.id());
        trimmed.add(1);
        owner.done(entry.id());
      } else {
        living.add(entry);
      }
    }
    return living;
  }
}
