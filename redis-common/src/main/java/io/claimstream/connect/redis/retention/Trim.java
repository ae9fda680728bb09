/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.retention;

/** Entries that a stream's limits may trim. */
public enum Trim {
  /** Only entries that every consumer group of the stream has read and acknowledged. */
  ACKNOWLEDGED,
  /** The oldest entries, read or not. */
  ANY
}
