/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import io.claimstream.connect.source.group.ConsumerGroup;

/**
 * Origin of entries that may be dead-lettered.
 *
 * @param group the stream they were read from, and the group they are pending in
 * @param connector the connector's name
 * @param task the task's number
 */
public record EntryOrigin(ConsumerGroup group, String connector, String task) {}
