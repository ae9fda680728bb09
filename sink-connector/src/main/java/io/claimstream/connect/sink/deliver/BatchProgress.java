/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.write.Origin;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * What of the present batch is done, so that Connect can hand over the same batch again after an
 * outage without anything being appended or reported twice, and what is not, so that Connect does
 * not commit it. It knows nothing of earlier batches: their offsets may rightly come again. Used by
 * the task's thread only.
 */
public final class BatchProgress {
  private final Set<Origin> done = new HashSet<>();
  private final Map<TopicPartition, Long> firstUndone = new HashMap<>();

  /** Whether an earlier try finished this record. */
  public boolean isDone(Origin origin) {
    return done.contains(origin);
  }

  /** The record is in its stream, reported, or rightly passed over. */
  public void done(Origin origin) {
    done.add(origin);
  }

  /** The record has to come again. */
  public void undone(Origin origin) {
    firstUndone.merge(origin.partition(), origin.offset(), Math::min);
  }

  /** A new try begins. */
  public void retry() {
    firstUndone.clear();
  }

  /** The whole batch is done. */
  public void finished() {
    done.clear();
    firstUndone.clear();
  }

  /** Forgets partitions that are another task's now. */
  public void forget(Collection<TopicPartition> partitions) {
    done.removeIf(origin -> partitions.contains(origin.partition()));
    firstUndone.keySet().removeAll(partitions);
  }

  /** Of the offsets that Connect would like to commit, those that nothing undone lies below. */
  public Map<TopicPartition, OffsetAndMetadata> committable(
      Map<TopicPartition, OffsetAndMetadata> wanted) {
    Map<TopicPartition, OffsetAndMetadata> committable = new HashMap<>(wanted);
    firstUndone.forEach(
        (partition, offset) ->
            committable.computeIfPresent(
                partition,
                (p, next) -> next.offset() <= offset ? next : new OffsetAndMetadata(offset)));
    return committable;
  }
}
