/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

/** Format of the emitted record values. */
public enum EventFormat {
  /** Typed by a versioned schema. */
  EVENT,
  /** Untyped: stream, id and fields of the entry. */
  GENERIC
}
