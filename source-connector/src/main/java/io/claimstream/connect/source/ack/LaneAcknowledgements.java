/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What is to be acknowledged for one lane: its own entries and those it took over. Redis needs only
 * stream, group and id for it, whoever read the entry. Safe for use by several threads.
 */
public final class LaneAcknowledgements {
  private final AckTracker own;
  private final List<AckTracker> trackers = new CopyOnWriteArrayList<>();

  /** The acknowledgements of a lane with that tracker of its own. */
  public LaneAcknowledgements(AckTracker own) {
    this.own = own;
    this.trackers.add(own);
  }

  /** Also acknowledges what another consumer left behind. */
  public void add(AckTracker takenOver) {
    trackers.add(takenOver);
  }

  /** Hands out the ids to acknowledge now; the caller acknowledges them or puts them back. */
  public List<EntryId> take() {
    if (trackers.size() == 1) {
      return own.take();
    }
    List<EntryId> taken = new ArrayList<>();
    trackers.forEach(tracker -> taken.addAll(tracker.take()));
    return taken;
  }

  /** Takes back ids whose acknowledgement is not known to have worked. */
  public void putBack(List<EntryId> ids) {
    own.putBack(ids);
  }
}
