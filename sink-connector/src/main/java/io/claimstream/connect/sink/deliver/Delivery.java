/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

/** How often a record may end up in its stream. */
public enum Delivery {
  /** Exactly one entry per record, whatever fails. */
  EXACTLY_ONCE,
  /** No record is lost; one whose answer was lost may be there twice. */
  AT_LEAST_ONCE
}
