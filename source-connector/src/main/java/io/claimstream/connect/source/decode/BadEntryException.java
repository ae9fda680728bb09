/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.redis.stream.EntryId;
import org.jspecify.annotations.Nullable;

/**
 * An entry that is no event. Names stream, id and field, never a value: claims are personal data.
 */
public final class BadEntryException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Says what is wrong.
   *
   * @param field the field at fault; null if it is the whole entry
   * @param reason completes the sentence "field 'x' …" or "entry 1-0 …"
   */
  public BadEntryException(String stream, EntryId id, @Nullable String field, String reason) {
    super(
        "entry "
            + id
            + " of stream '"
            + stream
            + "'"
            + (field == null ? "" : ": field '" + field + "'")
            + ' '
            + reason);
  }
}
