/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.redis.stream.StreamEntry;

/** Decoder of entries into events. Used by one thread. */
public interface EntryDecoder {

  /**
   * Decodes an entry into an event.
   *
   * @throws BadEntryException if the entry is invalid; the message names the field
   */
  DecodedEvent decode(String stream, StreamEntry entry) throws BadEntryException;
}
