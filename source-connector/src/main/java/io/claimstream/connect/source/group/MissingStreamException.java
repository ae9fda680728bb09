/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.group;

/**
 * The stream does not exist, or the key is no stream any more, and the connector must not create
 * it: it was found by {@code redis.streams.pattern} and then deleted.
 */
public final class MissingStreamException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception for the stream of a group. */
  public MissingStreamException(ConsumerGroup group) {
    super("stream '" + group.stream() + "' does not exist");
  }
}
