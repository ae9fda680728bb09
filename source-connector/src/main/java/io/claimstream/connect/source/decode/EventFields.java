/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

/**
 * The names of the fields that mean something to the connector itself.
 *
 * @param key becomes the record's key
 * @param timestamp holds the event time
 * @param type holds the event's type
 * @param version holds the version of the event's schema; absent = 1
 */
public record EventFields(String key, String timestamp, String type, String version) {}
