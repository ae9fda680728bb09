/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.sink.error.BadRecord;
import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamAppend;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Records that were accepted from Connect and are neither appended nor dead-lettered yet. Connect
 * does not redeliver them and must not commit them. Used by the task's thread only.
 */
final class PendingRecords {
  private final List<StreamAppend> appends = new ArrayList<>();
  private final List<BadRecord> bad = new ArrayList<>();

  /** Adds records after the existing ones. */
  void take(Collection<StreamAppend> moreAppends, Collection<BadRecord> moreBad) {
    appends.addAll(moreAppends);
    bad.addAll(moreBad);
  }

  /** Returns the appends that are not known to be in their streams, in order. */
  List<StreamAppend> appends() {
    return Collections.unmodifiableList(appends);
  }

  /** Removes appends that are in their streams or will be dead-lettered. */
  void settled(List<StreamAppend> some) {
    if (some.equals(appends)) {
      appends.clear(); // the usual case, and much cheaper
    } else {
      Set<RecordOrigin> origins =
          some.stream().map(StreamAppend::origin).collect(Collectors.toUnmodifiableSet());
      appends.removeIf(append -> origins.contains(append.origin()));
    }
  }

  /** Returns the bad records to dead-letter, in order. */
  List<BadRecord> bad() {
    return Collections.unmodifiableList(bad);
  }

  /** Removes the first bad records, which have been dead-lettered. */
  void deadLettered(int count) {
    bad.subList(0, count).clear();
  }

  boolean isEmpty() {
    return appends.isEmpty() && bad.isEmpty();
  }

  /** Removes the records of partitions that another task owns now. */
  void forget(Collection<TopicPartition> partitions) {
    appends.removeIf(append -> partitions.contains(append.origin().partition()));
    bad.removeIf(each -> partitions.contains(each.origin().partition()));
  }

  /**
   * Returns, for each partition of these offsets, the highest offset below which nothing is
   * pending.
   */
  Map<TopicPartition, Long> settled(Map<TopicPartition, OffsetAndMetadata> wanted) {
    Map<TopicPartition, Long> settled = new HashMap<>();
    wanted.forEach((partition, next) -> settled.put(partition, next.offset()));
    Stream.concat(appends.stream().map(StreamAppend::origin), bad.stream().map(BadRecord::origin))
        .forEach(
            undone ->
                settled.computeIfPresent(
                    undone.partition(), (partition, next) -> Math.min(next, undone.offset())));
    return settled;
  }
}
