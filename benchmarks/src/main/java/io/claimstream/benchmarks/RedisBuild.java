/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which Redis is measured, without which the figures say little. */
public final class RedisBuild {

  private RedisBuild() {}

  /** Version and allocator of the server. */
  public static String of(RedisConnection redis) {
    return Stream.of("server", "memory")
        .map(section -> Replies.text(redis.call(Command.of("INFO", section))))
        .flatMap(text -> String.valueOf(text).lines())
        .filter(line -> line.startsWith("redis_version:") || line.startsWith("mem_allocator:"))
        .collect(Collectors.joining(", "));
  }
}
