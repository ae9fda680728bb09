/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import io.claimstream.connect.source.group.StartPosition;
import java.time.Duration;
import java.util.Optional;

/**
 * Settings of a connector that apply to all its lanes.
 *
 * @param lanesPerStream number of consumers on each stream, at least 1
 * @param start start position of a group that does not exist
 * @param createsStreams whether a missing stream is created; false if streams are found by pattern
 * @param readCount maximum entries per read, at least 1
 * @param deliveryLimit limit on the deliveries of an entry that does not reach Kafka
 * @param hasDeadLetterTopic whether dead letters are produced to a topic first and moved when Kafka
 *     has them. In that case a pending entry that Connect's offset covers is checked before it is
 *     acknowledged, and an entry that exceeded its deliveries is delivered once more
 * @param claimIdle time after which other programs' pending entries are taken over; empty = never
 * @param commandTimeout maximum time for a reply, in addition to the time that a read blocks
 */
public record LaneSettings(
    int lanesPerStream,
    StartPosition start,
    boolean createsStreams,
    int readCount,
    DeliveryLimit deliveryLimit,
    boolean hasDeadLetterTopic,
    Optional<Duration> claimIdle,
    Duration commandTimeout) {}
