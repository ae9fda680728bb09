/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.source.group.ConsumerGroup;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Settings of a lane's reader.
 *
 * @param group the stream and its consumer group
 * @param consumer name of the lane's consumer in the group
 * @param readCount maximum entries per read, at least 1
 * @param first whether it is the first of the stream's lanes
 * @param maxDeliveries deliveries after which an entry is dead-lettered, at least 2; 0 = never
 * @param hasDeadLetterTopic whether dead letters are produced to a topic first and moved when Kafka
 *     has them. In that case a pending entry that Connect's offset covers is checked before it is
 *     acknowledged, and an entry that exceeded its deliveries is delivered once more
 * @param commandTimeout maximum time for a reply, in addition to the time that a read blocks
 * @param clock steady time, for the wait of an entry on its last attempt for those before it
 */
public record LaneSettings(
    ConsumerGroup group,
    String consumer,
    int readCount,
    boolean first,
    int maxDeliveries,
    boolean hasDeadLetterTopic,
    Duration commandTimeout,
    InstantSource clock) {}
