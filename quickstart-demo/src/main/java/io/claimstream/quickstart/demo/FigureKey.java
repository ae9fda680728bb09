/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import java.time.Instant;

/**
 * The key by which the analytics are grouped.
 *
 * @param type the type of event
 * @param windowStart first instant of the tumbling window, in event time
 */
record FigureKey(String type, Instant windowStart) {

  /** The length of a window. */
  static final Duration WINDOW = Duration.ofSeconds(10);

  /** Returns the group of an event with that time. */
  static FigureKey of(String type, Instant eventTime) {
    long millis = eventTime.toEpochMilli();
    return new FigureKey(
        type, Instant.ofEpochMilli(millis - Math.floorMod(millis, WINDOW.toMillis())));
  }

  /** Returns {@code type@window_start}, the key of the analytics records. */
  @Override
  public String toString() {
    return type + '@' + windowStart;
  }
}
