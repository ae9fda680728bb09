/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

/**
 * Names of the fields with a meaning to the connector itself.
 *
 * @param key field that provides the record's key
 * @param timestamp field that holds the event time
 * @param type field that holds the event's type
 * @param version field that holds the version of the event's schema; absent = 1
 */
public record EventFields(String key, String timestamp, String type, String version) {}
