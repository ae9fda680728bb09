/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import java.util.Map;

/**
 * Connect's {@code errors.*} settings for bad records.
 *
 * @param tolerated whether they are dead-lettered ({@code errors.tolerance=all}) or fail the task
 * @param logged whether each one is logged ({@code errors.log.enable})
 * @param withPayload whether its contents are logged, too ({@code errors.log.include.messages})
 * @see <a href="https://cwiki.apache.org/confluence/x/_WhBB">KIP-298</a>
 */
public record ErrorSettings(boolean tolerated, boolean logged, boolean withPayload) {
  public static final String TOLERANCE = "errors.tolerance";
  public static final String LOG = "errors.log.enable";
  public static final String LOG_MESSAGES = "errors.log.include.messages";

  /** Reads the settings from a connector's configuration, which Connect has validated. */
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
