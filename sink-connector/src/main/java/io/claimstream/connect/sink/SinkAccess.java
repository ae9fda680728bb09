/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.validation.RequiredAccess;
import io.claimstream.connect.sink.deliver.Delivery;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys that the sink uses and knows before the first record, with a probe for each permission
 * it needs there. Probes change nothing: each is malformed or names something that never exists.
 */
public final class SinkAccess {
  private static final String NO_ID = "none";
  private static final String NO_SCRIPT = "0".repeat(40);
  private static final String NO_FIELD = "";
  private static final String ANY_SCRIPT = "return 0";

  /** Fails where the library is missing with which the scripts unpack records. */
  private static final String UNPACKING_SCRIPT = "return #cmsgpack.pack(0)";

  private SinkAccess() {}

  static List<RequiredAccess> of(RedisStreamSinkConfig config) {
    List<RequiredAccess> keys = new ArrayList<>();
    if (!config.stream().hasTopic()) {
      String stream = config.stream().text();
      keys.add(new RequiredAccess(RedisStreamSinkConfig.STREAM, stream, probes(config, stream)));
      keys.addAll(config.durability().access(stream));
    }
    keys.addAll(failedStream(config));
    return keys;
  }

  /** Returns the stream for failures, if the sink would write to it. */
  public static List<RequiredAccess> failedStream(SinkConfig config) {
    String failed = config.failedStream().name();
    return config.errors().tolerated() && !failed.isEmpty()
        ? List.of(new RequiredAccess(SinkConfig.FAILED_STREAM, failed, List.of(append(failed))))
        : List.of();
  }

  /** Returns a probe for each permission that writing records and their offsets needs. */
  public static List<Command> exactlyOnce(String key, String offsets) {
    List<Command> probes = new ArrayList<>(requests(offsets));
    probes.addAll(script(UNPACKING_SCRIPT, key, offsets));
    probes.add(Command.of("HGET", offsets, NO_FIELD));
    probes.add(Command.of("HMGET", offsets, NO_FIELD));
    probes.add(Command.of("HSET", offsets, NO_FIELD, "", NO_FIELD));
    return probes;
  }

  /** Returns a probe for each permission that requests to change offsets need. */
  private static List<Command> requests(String offsets) {
    return List.of(Command.of("HDEL", offsets, NO_FIELD), Command.of("HKEYS", offsets));
  }

  private static List<Command> probes(RedisStreamSinkConfig config, String stream) {
    List<Command> probes = new ArrayList<>(List.of(append(stream)));
    if (config.maxLength().isPresent() || config.retention().isPresent()) {
      probes.addAll(script(ANY_SCRIPT, stream));
      probes.add(Command.of("XLEN", stream));
      probes.add(Command.of("XTRIM", stream, "MAXLEN", "~", "none"));
      probes.add(Command.of("XRANGE", stream, NO_ID, NO_ID));
      probes.add(Command.of("XINFO", "GROUPS", stream));
      probes.add(Command.of("XPENDING", stream, NO_ID));
    }
    String offsets = config.streams().offsets(stream).key();
    probes.addAll(
        config.delivery() == Delivery.EXACTLY_ONCE
            ? exactlyOnce(stream, offsets)
            : requests(offsets));
    return probes;
  }

  private static List<Command> script(String text, String... keys) {
    return List.of(
        Command.of("EVALSHA", NO_SCRIPT, keys.length).addAll(List.of(keys)),
        Command.of("EVAL", text, keys.length).addAll(List.of(keys)));
  }

  private static Command append(String stream) {
    return Command.of("XADD", stream, "NOMKSTREAM", NO_ID, "f", "v");
  }
}
