/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

/**
 * A decoded event.
 *
 * @param content what Kafka stores of it
 * @param millis the event time or, if there is none, the time in the entry's id; milliseconds since
 *     1970
 */
public record EventContent(RecordContent content, long millis) {}
