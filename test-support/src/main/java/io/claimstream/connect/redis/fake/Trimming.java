/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.stream.EntryId;
import org.jspecify.annotations.Nullable;

/**
 * The {@code MAXLEN} or {@code MINID} clause of XADD and XTRIM.
 *
 * <p>With {@code ~} a real server removes only whole nodes of its radix tree; here all nodes have
 * the same number of entries.
 *
 * @param maxLength the length to keep, or null with {@code MINID}
 * @param minId the lowest id to keep, or null with {@code MAXLEN}
 * @param words the number of arguments of the clause
 * @param node the number of entries of a node
 */
record Trimming(
    @Nullable Long maxLength,
    @Nullable EntryId minId,
    boolean approximate,
    long limit,
    int words,
    int node) {
  static final int NODE = 100;

  static boolean startsAt(Arguments a, int index) {
    return a.option(index).equals("MAXLEN") || a.option(index).equals("MINID");
  }

  static Trimming parse(Arguments a, int start, int node) {
    boolean byLength = a.option(start).equals("MAXLEN");
    int index = start + 1;
    boolean approximate = a.option(index).equals("~");
    if (approximate || a.option(index).equals("=")) {
      index++;
    }
    Long maxLength = byLength ? Long.valueOf(a.number(index)) : null;
    if (maxLength != null && maxLength < 0) {
      throw new CommandError("ERR The MAXLEN argument must be >= 0.");
    }
    EntryId minId = byLength ? null : StreamIds.exact(a.raw(index));
    index++;
    long limit = approximate ? 100L * node : Long.MAX_VALUE;
    if (a.option(index).equals("LIMIT")) {
      if (!approximate) {
        throw new CommandError(
            "ERR syntax error, LIMIT cannot be used without the special ~ option");
      }
      limit = a.number(index + 1);
      limit = limit == 0 ? Long.MAX_VALUE : limit;
      index += 2;
    }
    return new Trimming(maxLength, minId, approximate, limit, index - start, node);
  }

  /** Removes the excess entries and returns their number. */
  long trim(FakeStream stream) {
    long excess =
        maxLength != null
            ? Math.max(0, stream.entries.size() - maxLength)
            : minId == null ? 0 : stream.entries.headMap(minId, false).size();
    if (approximate) {
      excess = Math.min(excess, limit) / node * node;
    }
    for (long i = 0; i < excess; i++) {
      stream.entries.pollFirstEntry();
    }
    return excess;
  }
}
