/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Thrown for an entry that cannot be decoded into an event. The message names stream, id and field,
 * never a value: claims are personal data.
 */
public final class BadEntryException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_NAME = 100;
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  /**
   * Creates the exception.
   *
   * @param field the invalid field; null if it is the whole entry
   * @param reason completes the sentence "field 'x' …" or "entry 1-0 …"
   */
  public BadEntryException(String stream, EntryId id, @Nullable String field, String reason) {
    super(
        "entry "
            + id
            + " of stream '"
            + stream
            + "'"
            + (field == null ? "" : ": field '" + printable(field) + "'")
            + ' '
            + reason);
  }

  /**
   * Limits a field name: names come from producers and must not flood the log or break its lines.
   */
  private static String printable(String name) {
    String shown = name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) + '…' : name;
    return CONTROL.matcher(shown).replaceAll("?");
  }
}
