/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import org.jspecify.annotations.Nullable;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * Names for keys in the slot of another key, so that one transaction can use both.
 *
 * @see <a
 *     href="https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags">
 *     hash tags</a>
 */
public final class SlotKeys {
  /** Version prefix of the keys below. They are stored data: a new format needs a new version. */
  private static final String PREFIX = "claimstream:v1:";

  private SlotKeys() {}

  /**
   * Returns a key in the slot of {@code key}:
   *
   * <ul>
   *   <li>{@code claimstream:v1:<purpose>:{<key>}:<name>:…} for a key without hash tag;
   *   <li>{@code claimstream:v1:<purpose>:{<hash tag>}:<encoded key>:<name>:…} for a key with one.
   * </ul>
   *
   * <p>Each name, and the key in the second form, is percent-encoded if it contains one of {@code %
   * : { }}. The parts after the hash tag can therefore be counted: with a fixed number of names per
   * purpose, different keys and lists of names never share a sibling.
   *
   * <p>A key with a closing brace but without a hash tag has no sibling in its slot, because no
   * hash tag can contain a closing brace. This matters only in a Cluster.
   *
   * @param purpose contains neither a colon nor a brace, and always has the same number of names
   */
  public static String sibling(String key, String purpose, String... names) {
    StringBuilder sibling = new StringBuilder(PREFIX).append(purpose).append(":{");
    String tag = tag(key);
    if (tag == null) {
      sibling.append(key).append('}');
    } else {
      sibling.append(tag).append("}:");
      encode(key, sibling);
    }
    for (String name : names) {
      encode(name, sibling.append(':'));
    }
    return sibling.toString();
  }

  /** Returns the glob pattern of all keys of a purpose, for {@code SCAN}. */
  public static String pattern(String purpose) {
    return PREFIX + purpose + ":*";
  }

  /**
   * Returns whether two keys share a slot, so that one transaction can use both even in a Cluster.
   */
  public static boolean together(String key, String other) {
    return JedisClusterCRC16.getSlot(key) == JedisClusterCRC16.getSlot(other);
  }

  /** Returns the key's hash tag, the part between its first braces; null if it has none. */
  private static @Nullable String tag(String key) {
    int open = key.indexOf('{');
    int close = open < 0 ? -1 : key.indexOf('}', open);
    return close > open + 1 ? key.substring(open + 1, close) : null;
  }

  private static void encode(String name, StringBuilder to) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      switch (c) {
        case '%' -> to.append("%25");
        case ':' -> to.append("%3A");
        case '{' -> to.append("%7B");
        case '}' -> to.append("%7D");
        default -> to.append(c);
      }
    }
  }
}
