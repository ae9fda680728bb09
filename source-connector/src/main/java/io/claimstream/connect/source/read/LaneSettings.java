/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

/**
 * What a lane reads, as whom and how.
 *
 * @param group the stream and its consumer group
 * @param consumer the lane's name in the group
 * @param readCount most entries of one read, at least 1
 * @param onlyLane whether no other lane reads this stream
 * @param maxDeliveries after how many deliveries an entry is given up; 0 = never
 * @param looksAtSettled whether a pending entry that Kafka has something of is looked at once more
 *     before it is acknowledged: it may have been produced as a dead letter only
 */
public record LaneSettings(
    ConsumerGroup group,
    String consumer,
    int readCount,
    boolean onlyLane,
    int maxDeliveries,
    boolean looksAtSettled) {}
