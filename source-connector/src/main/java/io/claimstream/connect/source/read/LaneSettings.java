/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import java.time.Duration;
import java.time.InstantSource;

/**
 * What a lane reads, as whom and how.
 *
 * @param group the stream and its consumer group
 * @param consumer the lane's name in the group
 * @param readCount most entries of one read, at least 1
 * @param first whether it is the first of the stream's lanes
 * @param maxDeliveries after how many deliveries an entry is given up, at least 2; 0 = never
 * @param lettersInKafka whether dead letters are produced first and moved when Kafka has them: then
 *     a pending entry that Kafka has something of is looked at before it is acknowledged, and an
 *     entry that is given up is delivered once more
 * @param commandTimeout how long a reply may take, above the time that a read waits on purpose
 * @param clock steady time, tells how long an entry on its last try has waited for those before it
 */
public record LaneSettings(
    ConsumerGroup group,
    String consumer,
    int readCount,
    boolean first,
    int maxDeliveries,
    boolean lettersInKafka,
    Duration commandTimeout,
    InstantSource clock) {}
