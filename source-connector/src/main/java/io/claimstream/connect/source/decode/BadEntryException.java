/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An entry that is no event. Names stream, id and field, never a value: claims are personal data.
 */
public final class BadEntryException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_NAME = 100;
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

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
            + (field == null ? "" : ": field '" + printable(field) + "'")
            + ' '
            + reason);
  }

  /** Names are the producer's: they must not fill a log, nor make lines in it. */
  private static String printable(String name) {
    String shown = name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) + '…' : name;
    return CONTROL.matcher(shown).replaceAll("?");
  }
}
