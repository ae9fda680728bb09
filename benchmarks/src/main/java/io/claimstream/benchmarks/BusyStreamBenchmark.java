/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks;

import io.claimstream.stack.RedisServer;
import io.claimstream.stack.StackFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Measures how much quiet streams slow down a busy one in the same task, with a network between the
 * task and Redis: the same entries through the source's task, alternately alone and beside quiet
 * streams.
 *
 * <p>Measures only the task: no worker, no Kafka, no converter. A record counts as produced as soon
 * as it is polled, and each poll is a transaction.
 */
public final class BusyStreamBenchmark {
  private static final int ENTRIES = Integer.getInteger("entries", 200_000);
  private static final int ROUNDS = Integer.getInteger("rounds", 5);
  private static final int WARMUP = 2;
  private static final Duration ROUND_TRIP =
      Duration.ofNanos(1_000L * Integer.getInteger("roundtrip.micros", 1_000));

  private BusyStreamBenchmark() {}

  /** Starts a server, measures, prints a table for each number of streams, and stops the server. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Files.createTempDirectory("busy-stream");
    try (RedisServer redis =
            RedisServer.start(StackFiles.locate(), directory, 0, "appendonly no", "save \"\"");
        DelayingProxy network = new DelayingProxy(port(redis), ROUND_TRIP)) {
      BusyStreamRun.fill(redis.uri(), ENTRIES);
      BusyStreamRun alone = new BusyStreamRun(redis.uri(), network.redisUri(), 0, ENTRIES);
      for (int quiet : new int[] {49, 99}) {
        System.out.printf(
            "%n%,d entries of one stream beside %d quiet ones, %d µs of network latency%n%n",
            ENTRIES, quiet, ROUND_TRIP.toNanos() / 1_000);
        BusyStreamRun beside = new BusyStreamRun(redis.uri(), network.redisUri(), quiet, ENTRIES);
        System.out.print(
            new Ratio("beside " + quiet, "alone", ENTRIES)
                .measure(beside::nanos, alone::nanos, WARMUP, ROUNDS)
                .table());
      }
    }
  }

  private static int port(RedisServer redis) {
    return Integer.parseInt(redis.uri().substring(redis.uri().lastIndexOf(':') + 1));
  }
}
