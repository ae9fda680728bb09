/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

/** What a stream's limits may drop. */
public enum Trim {
  /** Only what every consumer group of the stream has read and acknowledged. */
  ACKNOWLEDGED,
  /** Whatever is oldest. */
  ANY
}
