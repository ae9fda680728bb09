/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.stream.StreamEntry;
import java.util.List;

/**
 * How many entries one read asks for, so that a reply stays within a number of bytes: Redis can
 * limit entries only, and closes a connection whose reply exceeds its {@code
 * client-output-buffer-limit}. The count follows the sizes seen lately. Task thread only.
 */
final class ReadSize {
  /** About how large a reply may be. */
  static final long BYTES = 4 << 20;

  /** Of entries whose size nobody knows. */
  private static final int FIRST = 16;

  private final int most;
  private int count;

  /**
   * Begins with a few entries, since their size is unknown.
   *
   * @param most as the user allows; at least 1
   */
  ReadSize(int most) {
    this.most = most;
    this.count = Math.min(most, FIRST);
  }

  /** How many entries to ask for; at least 1. */
  int count() {
    return count;
  }

  /** Learns from a reply. The count doubles at most, and only after a reply that was full. */
  void received(List<StreamEntry> entries) {
    long bytes = entries.stream().mapToLong(StreamEntry::bytes).sum();
    if (entries.isEmpty() || bytes == 0) {
      return;
    }
    long fitting = Math.max(1, BYTES * entries.size() / bytes);
    boolean isFull = entries.size() >= count;
    count = (int) Math.min(most, Math.min(fitting, isFull ? 2L * count : count));
  }

  /** The connection was lost while a reply was awaited, perhaps because of its size. */
  void lost() {
    count = Math.max(1, count / 2);
  }
}
