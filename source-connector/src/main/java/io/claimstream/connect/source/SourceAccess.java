/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.validation.RequiredAccess;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys that the source uses, with a probe for each permission that it needs on them. No probe has
 * an effect: each is malformed or names something that never exists.
 */
final class SourceAccess {
  private static final String NO_ID = "none";
  private static final String NEVER_PENDING = "0-0";
  private static final String NO_OPTION = "NONE";
  private static final String NO_SCRIPT = "0".repeat(40);

  private SourceAccess() {}

  static List<RequiredAccess> of(RedisStreamSourceConfig config, List<String> streams) {
    List<RequiredAccess> keys = new ArrayList<>();
    for (String stream : streams) {
      keys.add(
          new RequiredAccess(
              config.pattern().isPresent()
                  ? RedisStreamSourceConfig.STREAMS_PATTERN
                  : RedisStreamSourceConfig.STREAMS,
              stream,
              probes(config, stream)));
    }
    String failed = config.failedStream().name();
    if (!failed.isEmpty()) {
      keys.add(
          new RequiredAccess(
              RedisStreamSourceConfig.FAILED_STREAM,
              failed,
              List.of(Command.of("XADD", failed, "NOMKSTREAM", NO_ID, "f", "v"))));
    }
    return keys;
  }

  private static List<Command> probes(RedisStreamSourceConfig config, String stream) {
    String group = config.group();
    String consumer = config.connector();
    String owner = SlotKeys.sibling(stream, "owner", group, "");
    List<Command> probes =
        new ArrayList<>(
            List.of(
                Command.of("XINFO", "STREAM", stream),
                Command.of("XINFO", "GROUPS", stream),
                Command.of("XINFO", "CONSUMERS", stream, group),
                Command.of("XGROUP", "CREATE", stream, group, NO_ID),
                Command.of("XGROUP", "SETID", stream, group, NO_ID),
                Command.of("XREAD", "COUNT", 1, "STREAMS", stream, "$"),
                Command.of("XREADGROUP", "GROUP", group, consumer, "STREAMS", stream, NO_ID),
                Command.of("XACK", stream, group, NEVER_PENDING),
                Command.of("XPENDING", stream, group),
                Command.of("XRANGE", stream, NEVER_PENDING, NEVER_PENDING),
                Command.of("TIME"),
                Command.of("WATCH", owner),
                Command.of("GET", owner),
                Command.of("SET", owner, "", NO_OPTION),
                Command.of("DEL", SlotKeys.sibling(stream, "consumers", group, "")),
                Command.of("MULTI"),
                Command.of("EXEC")));
    boolean marks = config.failedStream().isOff() && !config.deadLetterTopic().isEmpty();
    if (config.claimIdle().isPresent() || marks) {
      probes.add(Command.of("XCLAIM", stream, group, consumer, 0, NO_ID));
    }
    if (config.trims()) {
      probes.add(Command.of("EVALSHA", NO_SCRIPT, 1, stream));
      probes.add(Command.of("EVAL", "return 0", 1, stream));
      probes.add(Command.of("XLEN", stream));
      probes.add(Command.of("XTRIM", stream, "MAXLEN", "~", NO_ID));
    }
    return probes;
  }
}
