/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.Version;
import io.claimstream.connect.redis.error.RedisConfigurationException;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The format version of the state that the connectors keep in Redis and in Connect's offsets. A
 * version of the connector reads all formats up to {@link #CURRENT} and refuses newer ones.
 *
 * <p>The keys in Redis name their version ({@link SlotKeys}). A newer format therefore may have
 * keys of its own, which this version would not see. So whoever changes a format leaves a mark in
 * place of each value of version 1 that it replaces: a text that begins with {@code v} and the
 * number of its version, as no value of version 1 does. Both ways, upgrade and downgrade, are then
 * noticed without another command and without another permission, even by a task that is running.
 */
public final class StateVersion {
  /** The newest format that this version of the connector knows. */
  public static final int CURRENT = 1;

  private static final Pattern MARK = Pattern.compile("v(\\d{1,9})( .*)?", Pattern.DOTALL);

  private StateVersion() {}

  /** Returns whether a value is of a newer format than this version knows. */
  public static boolean isNewer(@Nullable String value) {
    return value != null && MARK.matcher(value).matches();
  }

  /**
   * Parses the value of a key.
   *
   * @throws RedisConfigurationException if the value is of a newer format, or if the parser throws
   *     an exception because the value is of no format; the message names the key
   */
  public static <T> T parse(String key, @Nullable String value, Function<@Nullable String, T> as) {
    check("key " + key, value);
    try {
      return as.apply(value);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new RedisConfigurationException(
          "key "
              + key
              + " does not contain this connector's state: another program wrote it. Redis keys in"
              + " the documentation says what the key is for, and what happens if it is deleted",
          e);
    }
  }

  /**
   * Refuses a value of a newer format.
   *
   * @param where the key, for the message
   * @throws RedisConfigurationException if the value is of a newer format
   */
  public static void check(String where, @Nullable String value) {
    Matcher mark = MARK.matcher(value == null ? "" : value);
    if (mark.matches()) {
      throw new RedisConfigurationException(where + newer(mark.group(1)), null);
    }
  }

  /** Returns what a message says about state of that format version, after the state's name. */
  public static String newer(Object version) {
    return " has state of format version "
        + version
        + ", and this version of the connector, "
        + Version.get()
        + ", knows versions up to "
        + CURRENT
        + ": a newer version of the connector wrote it. Install that version again; its page on"
        + " upgrades says how to go back";
  }
}
