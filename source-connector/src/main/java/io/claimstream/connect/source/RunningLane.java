/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.source.ack.Acknowledger;
import io.claimstream.connect.source.deadletter.DeadLetterStream;
import io.claimstream.connect.source.lane.SourcePartition;
import io.claimstream.connect.source.metrics.StreamMetrics;
import io.claimstream.connect.source.read.LaneReader;

/**
 * One lane of a running task.
 *
 * @param stream the Redis key
 * @param group the consumer group
 * @param reader reads it, on the task thread
 * @param acknowledger acknowledges outside of reads, on the commit thread
 * @param deadLetters where its bad entries go
 * @param metrics of its stream
 */
record RunningLane(
    String stream,
    String group,
    LaneReader reader,
    Acknowledger acknowledger,
    DeadLetterStream deadLetters,
    StreamMetrics metrics) {

  /** Under which Connect keeps the offset of what that consumer read. */
  SourcePartition partition(String consumer) {
    return new SourcePartition(stream, group, consumer);
  }
}
