/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.range;

import io.claimstream.connect.redis.stream.EntryId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Detects entries of a range that can no longer be read: trimmed or deleted ones, and ones whose
 * ids Redis handed out again after it had lost the end of the stream. Task thread only, except
 * {@link #isAny}.
 *
 * <p>Redis does not report which entries were trimmed, but counts the entries that it ever added.
 * Once the number of entries up to the position is known, a difference shows what is missing.
 */
final class MissingEntries {
  private final Logger log;
  private final String stream;
  private final StreamRange range;

  /** Number of entries that were added up to the position, or {@link StreamInfo#UNKNOWN}. */
  private long addedUpToPosition;

  /** End of the stream while it is below the position; null while it is not. */
  private @Nullable EntryId fellBackTo;

  private EntryId reported = EntryId.ZERO;
  private boolean hasReportedAbsence;
  private volatile boolean isAny;

  MissingEntries(Logger log, String stream, StreamRange range) {
    this.log = log;
    this.stream = stream;
    this.range = range;
    this.addedUpToPosition = range.start().equals(EntryId.ZERO) ? 0 : StreamInfo.UNKNOWN;
  }

  /** Whether entries of the range are known to be missing, or may be. Any thread. */
  boolean isAny() {
    return isAny;
  }

  /** Whether the stream ends below the position, so that nothing above it can be judged. */
  boolean isBehind() {
    return fellBackTo != null;
  }

  /** Forgets the number of entries up to the position: reading starts at an offset. */
  void startAfterOffset() {
    addedUpToPosition = StreamInfo.UNKNOWN;
  }

  /**
   * Compares the stream with a read, and logs what is missing.
   *
   * @param info the stream before the read
   * @param position the id after which the read began
   * @param count the number of entries that it returned
   */
  void check(StreamInfo info, EntryId position, int count) {
    if (!info.exists() && !hasReportedAbsence) {
      hasReportedAbsence = true;
      log.warn(
          "Stream '{}' does not exist. If the name is wrong, correct redis.streams; otherwise the"
              + " stream is read once it exists.",
          stream);
    }
    checkEnd(info, position);
    if (info.added() == StreamInfo.UNKNOWN || isBehind()) {
      addedUpToPosition = StreamInfo.UNKNOWN;
      return;
    }
    boolean isPositionGone = info.first() == null || info.first().isAfter(position);
    boolean isAtEnd = count == 0 && !info.last().isAfter(position);
    if (addedUpToPosition == StreamInfo.UNKNOWN) {
      boolean hasMore = info.last().isAfter(position);
      if (isPositionGone && hasMore && info.added() > info.length()) {
        report(info, position, "Entries may be");
      }
    } else if (isPositionGone || isAtEnd) {
      long missing = info.added() - addedUpToPosition - (isAtEnd ? 0 : info.length());
      if (missing > 0) {
        report(info, position, missing + " entries are");
        addedUpToPosition += missing;
      }
    }
    if (isAtEnd) {
      addedUpToPosition = info.added();
    } else if (addedUpToPosition != StreamInfo.UNKNOWN) {
      addedUpToPosition += count;
    }
  }

  private void report(StreamInfo info, EntryId position, String what) {
    isAny = true;
    if (info.last().isAfter(reported)) {
      reported = info.last();
      log.warn(
          "Stream '{}': {} missing between {} and {}: they were trimmed or deleted before they were"
              + " read. The range {} is incomplete; the remaining entries are read.",
          stream,
          what,
          position,
          info.first() == null || !info.first().isAfter(position) ? info.last() : info.first(),
          range);
    }
  }

  private void checkEnd(StreamInfo info, EntryId position) {
    boolean hasRead = position.isAfter(range.start());
    if (hasRead && position.isAfter(info.last())) {
      if (fellBackTo == null) {
        log.warn(
            "Stream '{}' ends at {}, but it was read up to {}: Redis has lost entries, or this is a"
                + " replica that has not received them yet. Reading waits until the stream passes"
                + " {}.",
            stream,
            info.last(),
            position,
            position);
      }
      fellBackTo = fellBackTo == null ? info.last() : EntryId.lower(fellBackTo, info.last());
    } else if (fellBackTo != null) {
      isAny = true;
      log.error(
          "Stream '{}' has passed {} again, after it had ended at {}. If Redis had lost entries,"
              + " those that were added since with ids up to {} are not read. To read them, stop"
              + " the connector and PATCH its offset for this stream to {}; entries that Redis"
              + " still had are then emitted again. If Redis is a replica that was behind, nothing"
              + " is missing.",
          stream,
          position,
          fellBackTo,
          position,
          fellBackTo);
      fellBackTo = null;
    }
  }
}
