/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

/** Delivery guarantee of the sink. */
public enum Delivery {
  /** Exactly one entry per record, whatever fails. */
  EXACTLY_ONCE,
  /** No record is lost; a record whose reply was lost may be duplicated. */
  AT_LEAST_ONCE
}
