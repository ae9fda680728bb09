/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

/** What becomes of an entry whose record a transform or converter dropped. */
public enum DroppedRecords {
  /** It is put aside, unless Connect has counted no failure since the record was handed to it. */
  AUTO,
  /** It is put aside: with {@code errors.tolerance=all} a drop may be an error. */
  DEAD_LETTER,
  /** It is acknowledged: the connector's transforms filter on purpose. */
  ACKNOWLEDGE
}
