/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import java.util.Map;

/**
 * The metrics of one task and stream at one moment.
 *
 * @param connector the connector's name
 * @param task the task's number
 * @param stream the stream in Redis
 * @param group the source's consumer group; empty for a sink
 * @param values metrics by name; NaN is unknown
 */
record TaskFigures(
    String connector, String task, String stream, String group, Map<String, Double> values) {

  TaskName name() {
    return new TaskName(connector, task);
  }

  boolean isSource() {
    return !group.isEmpty();
  }

  /** Returns the metric's value; NaN if there is none of that name. */
  double value(String name) {
    return values.getOrDefault(name, Double.NaN);
  }
}
