/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

/** Treatment of entries whose records were dropped by a transform or converter. */
public enum DroppedRecords {
  /**
   * Dead-letters the entry, unless Connect has counted no failure since the record was handed to
   * it.
   */
  AUTO,
  /** Dead-letters the entry: with {@code errors.tolerance=all} a drop may be an error. */
  DEAD_LETTER,
  /** Acknowledges the entry: the connector's transforms filter on purpose. */
  ACKNOWLEDGE
}
