/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import java.util.Set;

/**
 * What the entries of records consist of.
 *
 * @param nullValues the handling of tombstones
 * @param bytesFormat the encoding of bytes
 * @param valueField the field that contains the whole value; empty for a field per member
 * @param keyField the field that contains the record's key; empty omits the key
 * @param headers the headers to write; empty for all
 * @param headersPrefix the prefix of the fields that contain headers; if it is empty, only the
 *     headers that {@code headers} names are written
 */
public record EntryFormat(
    NullValues nullValues,
    BytesFormat bytesFormat,
    String valueField,
    String keyField,
    Set<String> headers,
    String headersPrefix) {

  /** Returns the format without key and headers, with a field per member of the value. */
  public static EntryFormat ofMembers(NullValues nullValues, BytesFormat bytesFormat) {
    return new EntryFormat(nullValues, bytesFormat, "", "", Set.of(), "");
  }

  /** Whether the key or a header may have the name of a member of the value. */
  boolean mayCollide() {
    return !keyField.isEmpty() || (!headers.isEmpty() && headersPrefix.isEmpty());
  }

  boolean writes(String header) {
    return headers.isEmpty() ? !headersPrefix.isEmpty() : headers.contains(header);
  }
}
