/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import java.util.Map;

/**
 * What Connect's {@code errors.*} settings say about bad input.
 *
 * @param tolerated whether it is put aside ({@code errors.tolerance=all}) or fails the task
 * @param logged whether each one is logged ({@code errors.log.enable})
 * @param withPayload whether its content is logged, too ({@code errors.log.include.messages})
 * @see <a href="https://cwiki.apache.org/confluence/x/_WhBB">KIP-298</a>
 */
public record ErrorSettings(boolean tolerated, boolean logged, boolean withPayload) {
  public static final String TOLERANCE = "errors.tolerance";
  public static final String LOG = "errors.log.enable";
  public static final String LOG_MESSAGES = "errors.log.include.messages";

  /** Reads them from a connector's configuration; Connect has checked the values. */
  public static ErrorSettings of(Map<String, ?> properties) {
    boolean logged = is("true", properties, LOG);
    return new ErrorSettings(
        is("all", properties, TOLERANCE), logged, logged && is("true", properties, LOG_MESSAGES));
  }

  private static boolean is(String word, Map<String, ?> properties, String key) {
    Object value = properties.get(key);
    return value != null && word.equalsIgnoreCase(value.toString().trim());
  }
}
