/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.stream.StreamEntry;
import java.util.List;

/**
 * Number of entries to request per read so that a reply stays within a size in bytes. Redis can
 * limit only the number of entries, and closes a connection whose reply exceeds its {@code
 * client-output-buffer-limit}. The number adapts to recent entry sizes. Task thread only.
 */
public final class ReadSize {
  /** Approximate maximum size of a reply, in bytes. */
  static final long BYTES = 4 << 20;

  /** Number of entries to request while their size is unknown. */
  private static final int FIRST = 16;

  private final int most;
  private int count;

  /**
   * Creates a size that starts with few entries, because their size is unknown.
   *
   * @param most maximum entries per read, at least 1
   */
  public ReadSize(int most) {
    this.most = most;
    this.count = Math.min(most, FIRST);
  }

  /** The number of entries to request; at least 1. */
  public int count() {
    return count;
  }

  /** Adapts to a reply. The number at most doubles, and only after a full reply. */
  public void received(List<StreamEntry> entries) {
    long bytes = entries.stream().mapToLong(StreamEntry::bytes).sum();
    if (entries.isEmpty() || bytes == 0) {
      return;
    }
    long fitting = Math.max(1, BYTES * entries.size() / bytes);
    boolean isFull = entries.size() >= count;
    count = (int) Math.min(most, Math.min(fitting, isFull ? 2L * count : count));
  }

  /**
   * Adapts to a connection that was lost while waiting for a reply, possibly because of its size.
   */
  public void lost() {
    count = Math.max(1, count / 2);
  }
}
