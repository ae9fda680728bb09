/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

/** What becomes of fields that the schema does not name. */
public enum UnknownFields {
  /** They go into the schema's {@code attributes} map. */
  ATTRIBUTES,
  /** They are left out. */
  IGNORE,
  /** They make the entry a bad one. */
  FAIL
}
