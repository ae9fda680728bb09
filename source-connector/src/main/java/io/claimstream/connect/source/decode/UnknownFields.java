/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

/** Treatment of fields that are not in the schema. */
public enum UnknownFields {
  /** Copies them to the event's {@code attributes} map. */
  ATTRIBUTES,
  /** Drops them. */
  IGNORE,
  /** Rejects the entry as a bad entry. */
  FAIL
}
