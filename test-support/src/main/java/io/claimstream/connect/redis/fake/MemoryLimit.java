/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.client.Command;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Commands that a server at its {@code maxmemory} refuses with {@code noeviction}: those that may
 * need memory, and every command of a transaction. Uses the flags of Redis 6.2, which refuses more
 * than later versions: every XGROUP.
 */
final class MemoryLimit {
  static final String ERROR = "OOM command not allowed when used memory > 'maxmemory'.";

  private static final Set<String> NEEDS_MEMORY =
      Set.of("SET", "INCR", "HSET", "HSETNX", "HINCRBY", "XADD", "XGROUP");

  private static final Set<String> OTHER_WRITES =
      Set.of("DEL", "HDEL", "XACK", "XCLAIM", "XAUTOCLAIM", "XREADGROUP", "XDEL", "XTRIM");

  private boolean reached;

  void reached(boolean now) {
    reached = now;
  }

  /**
   * Returns whether a client's command is refused.
   *
   * @param queued the client's transaction; null if it has none
   */
  boolean refuses(Command command, @Nullable List<Command> queued) {
    if (!reached) {
      return false;
    }
    if (queued == null || command.name().equals("DISCARD")) {
      return needsMemory(command);
    }
    return !command.name().equals("EXEC") || queued.stream().anyMatch(MemoryLimit::needsMemory);
  }

  private static boolean needsMemory(Command command) {
    return NEEDS_MEMORY.contains(command.name());
  }

  /** The limit for one script, which begins now. */
  InScript script() {
    return new InScript(reached);
  }

  /** Refuses only commands before a script's first write. */
  static final class InScript {
    private final boolean reached;
    private boolean hasWritten;

    private InScript(boolean reached) {
      this.reached = reached;
    }

    void check(Command command) {
      if (reached && !hasWritten && needsMemory(command)) {
        throw new CommandError(ERROR);
      }
      hasWritten |= needsMemory(command) || OTHER_WRITES.contains(command.name());
    }
  }
}
