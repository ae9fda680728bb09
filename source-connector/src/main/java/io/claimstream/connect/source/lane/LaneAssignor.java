/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import java.util.ArrayList;
import java.util.List;

/** Assigns lanes to tasks as evenly as possible. */
public final class LaneAssignor {

  private LaneAssignor() {}

  /**
   * Returns the lanes of each task.
   *
   * @param maxTasks at least 1
   * @return at most {@code maxTasks} lists, none of them empty, so that no task is idle
   */
  public static List<List<Lane>> assign(List<Lane> lanes, int maxTasks) {
    int tasks = Math.min(lanes.size(), maxTasks);
    List<List<Lane>> assignment = new ArrayList<>(tasks);
    for (int task = 0; task < tasks; task++) {
      assignment.add(new ArrayList<>());
    }
    for (int i = 0; i < lanes.size(); i++) {
      assignment.get(i % tasks).add(lanes.get(i));
    }
    return assignment;
  }
}
