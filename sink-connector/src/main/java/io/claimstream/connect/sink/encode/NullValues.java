/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

/** Handling of records without a value (tombstones). A stream has nothing to delete. */
public enum NullValues {
  /** Skips the record. */
  IGNORE,
  /** Treats it as a bad record. */
  FAIL,
  /** Appends an entry of the record's headers alone. */
  HEADERS
}
