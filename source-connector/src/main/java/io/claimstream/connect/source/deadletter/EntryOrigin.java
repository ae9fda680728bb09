/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

/**
 * Origin of entries that may be dead-lettered.
 *
 * @param stream the stream they were read from
 * @param group the group they are pending in
 * @param connector the connector's name
 * @param task the task's number
 */
public record EntryOrigin(String stream, String group, String connector, String task) {}
