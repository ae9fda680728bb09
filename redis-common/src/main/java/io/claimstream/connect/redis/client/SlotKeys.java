/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * Names keys that live in the slot of another key, so that one transaction can touch both.
 *
 * @see <a
 *     href="https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags">
 *     hash tags</a>
 */
public final class SlotKeys {
  private static final String PREFIX = "claimstream:";

  private SlotKeys() {}

  /**
   * A key of our own in the slot of {@code key}: {@code claimstream:<purpose>:{<key>}:<name>}.
   *
   * <p>A key with a closing brace but without a hash tag has no such sibling; it matters in a
   * Cluster only.
   *
   * @param purpose must hold no brace
   */
  public static String sibling(String key, String purpose, String name) {
    String tagged = hasTag(key) ? key : '{' + key + '}';
    return PREFIX + purpose + ':' + tagged + ':' + name;
  }

  /** Whether two keys share a slot, so that one transaction can touch both even in a Cluster. */
  public static boolean together(String key, String other) {
    return JedisClusterCRC16.getSlot(key) == JedisClusterCRC16.getSlot(other);
  }

  /** Whether Redis hashes only the part of the key between its first braces. */
  private static boolean hasTag(String key) {
    int open = key.indexOf('{');
    return open >= 0 && key.indexOf('}', open) > open + 1;
  }
}
