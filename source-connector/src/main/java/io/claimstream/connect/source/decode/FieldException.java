/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

/** A field that cannot be understood; the message completes the sentence "field 'x' …". */
final class FieldException extends Exception {
  private static final long serialVersionUID = 1L;

  FieldException(String message) {
    super(message);
  }
}
