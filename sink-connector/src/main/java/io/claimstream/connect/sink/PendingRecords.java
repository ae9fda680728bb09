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
 * The records that were taken from Connect and are not done yet: to be appended, or to be put
 * aside. Connect does not hand them over again, and must not commit them. Used by the task's thread
 * only.
 */
final class PendingRecords {
  private final List<StreamAppend> appends = new ArrayList<>();
  private final List<BadRecord> bad = new ArrayList<>();

  /** Takes more of them, after those that are there. */
  void take(Collection<StreamAppend> moreAppends, Collection<BadRecord> moreBad) {
    appends.addAll(moreAppends);
    bad.addAll(moreBad);
  }

  /** What is not known to be in its stream, in order. */
  List<StreamAppend> appends() {
    return Collections.unmodifiableList(appends);
  }

  /** Those are in their streams, or will be put aside. */
  void settled(List<StreamAppend> some) {
    if (some.equals(appends)) {
      appends.clear(); // as a rule, and much cheaper
    } else {
      Set<RecordOrigin> origins =
          some.stream().map(StreamAppend::origin).collect(Collectors.toUnmodifiableSet());
      appends.removeIf(append -> origins.contains(append.origin()));
    }
  }

  /** What is to be put aside, in order. */
  List<BadRecord> bad() {
    return Collections.unmodifiableList(bad);
  }

  /** That many of the first bad records are put aside. */
  void putAside(int count) {
    bad.subList(0, count).clear();
  }

  boolean isEmpty() {
    return appends.isEmpty() && bad.isEmpty();
  }

  /** Forgets partitions that are another task's now. */
  void forget(Collection<TopicPartition> partitions) {
    appends.removeIf(append -> partitions.contains(append.origin().partition()));
    bad.removeIf(each -> partitions.contains(each.origin().partition()));
  }

  /** For each partition of these offsets, the highest below which nothing is left to do. */
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
