/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

/** Thrown for an invalid field; the message completes the sentence "field 'x' …". */
final class FieldException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String part;
  private final String reason;

  FieldException(String reason) {
    this("", reason);
  }

  private FieldException(String part, String reason) {
    super(part.isEmpty() ? reason : "at " + part + ' ' + reason);
    this.part = part;
    this.reason = reason;
  }

  /** Returns the same exception for a part of the field, such as {@code .street} or {@code [3]}. */
  FieldException within(String outer) {
    return new FieldException(outer + part, reason);
  }
}
