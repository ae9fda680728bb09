/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import java.time.Instant;

/**
 * What the analytics are grouped by.
 *
 * @param type the type of event
 * @param windowStart first instant of the tumbling window, in event time
 */
record FigureKey(String type, Instant windowStart) {

  /** How long a window is. */
  static final Duration WINDOW = Duration.ofSeconds(10);

  /** The group an event of that time belongs to. */
  static FigureKey of(String type, Instant eventTime) {
    long millis = eventTime.toEpochMilli();
    return new FigureKey(
        type, Instant.ofEpochMilli(millis - Math.floorMod(millis, WINDOW.toMillis())));
  }

  /** {@code type@window_start}, the key of the analytics records. */
  @Override
  public String toString() {
    return type + '@' + windowStart;
  }
}
