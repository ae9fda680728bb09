/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import java.util.Set;

/**
 * Names of the fields with a meaning to the connector itself.
 *
 * @param key field that provides the record's key
 * @param timestamp field that holds the event time
 * @param type field that holds the event's type
 * @param version field that holds the version of the event's schema; absent = 1
 * @param payload field that holds the whole event as a JSON object; empty = the entry's fields are
 *     the event
 * @param headers fields that become headers of the record
 */
public record EventFields(
    String key,
    String timestamp,
    String type,
    String version,
    String payload,
    Set<String> headers) {

  /** Creates the names of fields of entries whose fields are the event, without headers. */
  public EventFields(String key, String timestamp, String type, String version) {
    this(key, timestamp, type, version, "", Set.of());
  }

  /** Returns the same names for entries whose fields are the event. */
  EventFields withoutPayload() {
    return new EventFields(key, timestamp, type, version, "", headers);
  }
}
