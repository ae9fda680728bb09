/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

/** What a record without a value (a tombstone) means to a stream, which has nothing to delete. */
public enum NullValues {
  /** It is passed over. */
  IGNORE,
  /** It is a bad record. */
  FAIL,
  /** An entry is made of its headers alone. */
  HEADERS
}
