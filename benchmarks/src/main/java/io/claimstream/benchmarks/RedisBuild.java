/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The Redis build that is measured; results depend on it. */
public final class RedisBuild {

  private RedisBuild() {}

  /** Returns the version and the allocator of the server. */
  public static String of(RedisConnection redis) {
    return Stream.of("server", "memory")
        .map(section -> Replies.text(redis.call(Command.of("INFO", section))))
        .flatMap(text -> String.valueOf(text).lines())
        .filter(line -> line.startsWith("redis_version:") || line.startsWith("mem_allocator:"))
        .collect(Collectors.joining(", "));
  }
}
