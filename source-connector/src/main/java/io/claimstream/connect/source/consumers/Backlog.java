/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.consumers;

import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.lane.LaneOwnership;

/**
 * Pending entries of one consumer, which a lane reads as that consumer's owner.
 *
 * @param ownership acquired ownership of the consumer
 * @param tracker tracker of the consumer's entries
 * @param delivers whether reading an entry counts as an attempt. False if a task reads the entries
 *     again because its connection broke, which is not caused by the entries
 */
public record Backlog(LaneOwnership ownership, AckTracker tracker, boolean delivers) {}
