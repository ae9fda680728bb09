/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import java.util.regex.Pattern;
import javax.management.ObjectName;

/**
 * Values in the names of Kafka's MBeans, such as a connector's name. Kafka's own class for them is
 * internal: 4.4 moved it to another package.
 */
public final class JmxNames {
  private static final Pattern PLAIN = Pattern.compile("[\\w-%\\. \t]*");

  private JmxNames() {}

  /**
   * Returns the value as Kafka writes it in a name: quoted if it has other than plain characters.
   */
  public static String value(String text) {
    return PLAIN.matcher(text).matches() ? text : ObjectName.quote(text);
  }
}
