/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/** A schema that cannot be read or used; the message names the file or field. */
public final class SchemaException extends ConnectException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception; the message names the file or field and the reason. */
  public SchemaException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
