/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.redis.stream.StreamEntry;

/** Makes events of entries. Used by one thread. */
public interface EntryDecoder {

  /**
   * The event that an entry is.
   *
   * @throws BadEntryException if it is none, naming the field at fault
   */
  DecodedEvent decode(String stream, StreamEntry entry) throws BadEntryException;
}
