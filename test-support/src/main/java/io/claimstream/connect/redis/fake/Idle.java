/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes replies with idle times comparable. */
final class Idle {
  private static final long UNIT = 1_000_000;

  private Idle() {}

  /** Divides idle times by a unit, anywhere in the reply. */
  static @Nullable Object rounded(@Nullable Object reply) {
    if (!(reply instanceof List<?> list)) {
      return reply;
    }
    List<@Nullable Object> copy = new ArrayList<>();
    list.forEach(element -> copy.add(rounded(element)));
    for (int i = 0; i < copy.size(); i++) {
      if (copy.get(i) instanceof Long number && isIdle(copy, i)) {
        copy.set(i, number / UNIT);
      }
    }
    return copy;
  }

  /** XINFO CONSUMERS has the name in front of it; in XPENDING it is the third of four values. */
  private static boolean isIdle(List<?> row, int index) {
    boolean named =
        index > 0 && row.get(index - 1) instanceof byte[] name && Bytes.raw(name).equals("idle");
    boolean third =
        index == 2 && row.size() == 4 && row.get(1) instanceof byte[] && row.get(3) instanceof Long;
    return named || third;
  }
}
