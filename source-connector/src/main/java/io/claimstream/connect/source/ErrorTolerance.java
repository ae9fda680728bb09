/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import java.util.Map;

/** What Connect's {@code errors.tolerance} says about bad entries. */
enum ErrorTolerance {
  /** The first bad entry fails the task and stays pending. */
  NONE,
  /** Bad entries are put aside. */
  ALL;

  static ErrorTolerance of(Map<String, String> properties) {
    return "all".equalsIgnoreCase(properties.getOrDefault("errors.tolerance", "none").trim())
        ? ALL
        : NONE;
  }
}
