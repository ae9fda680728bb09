/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.source.ack.Acknowledger;
import io.claimstream.connect.source.deadletter.DeadLetterStream;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.metrics.StreamMetrics;
import io.claimstream.connect.source.read.LaneReader;

/**
 * A lane of a running task with the objects that serve it.
 *
 * @param group the stream and its consumer group
 * @param reader reader of the lane, used by the task thread
 * @param acknowledger acknowledges outside of reads, on the commit thread
 * @param deadLetters dead letter stream for its bad entries
 * @param metrics metrics of its stream
 */
record RunningLane(
    ConsumerGroup group,
    LaneReader reader,
    Acknowledger acknowledger,
    DeadLetterStream deadLetters,
    StreamMetrics metrics) {}
