/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Redis forgets again and again under load: by failovers to a replica that lags, and by kills of
 * the master with {@code appendfsync everysec}, half of which take with them what was written in
 * the last moments, as a crash of the machine does. {@code -Pchaos} makes it longer.
 *
 * <p>The failovers are made by hand, as a script or an operator makes them, on two servers whose
 * addresses the connector both has: Sentinel takes some ten seconds for each, which is too long for
 * a hundred of them. {@link SinkForgetfulRedisIT} and {@link SentinelIT} have sentinels.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class SinkFailoverChaosIT extends SinkTestBase {
  private static final int PARTITIONS = 3;
  private static final int FAILOVERS = Integer.getInteger("chaos.redis.failovers", 2);
  private static final int KILLS = Integer.getInteger("chaos.redis.kills", 2);
  private static final int BATCH = 30;
  private static final Duration PACE = Duration.ofMillis(20);
  private static final int PAGE = 10_000;

  private final long seed = Long.getLong("test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<String> rounds = new ArrayList<>();
  private final RedisPair servers;
  private long forgotten;
  private int times;

  SinkFailoverChaosIT(Stack stack) {
    super(stack, PARTITIONS);
    this.servers = use(new RedisPair(stack.directory(Stack.unique("chaos"))));
  }

  @Test
  void whateverRedisForgetsIsAppendedAgainOnceAndInOrder() {
    // given
    System.out.printf(
        "sink, Redis forgets in %d failovers and %d kills: -Dtest.seed=%d%n",
        FAILOVERS, KILLS, seed);
    start(SMALL_BATCHES);
    List<Runnable> faults = new ArrayList<>(Collections.nCopies(FAILOVERS, this::failOver));
    faults.addAll(Collections.nCopies(KILLS, this::kill));
    Collections.shuffle(faults, random);
    int records;

    // when
    try (NumberedLoad load = new NumberedLoad(topic, PARTITIONS, BATCH, PACE)) {
      for (Runnable fault : faults) {
        awaitMore(servers.master().length(stream) + 1 + random.nextInt(500));
        fault.run();
      }
      awaitMore(servers.master().length(stream) + 1);
      records = load.stop();
    }
    boolean isComplete = hasLength(records);
    if (isComplete) {
      awaitCommitted(); // nothing is in flight that could come twice
    }

    // then
    Tally tally = tally(records);
    System.out.printf(
        "sink: %d failovers, %d kills, %d records, %d missing, %d doubled, %d out of order,"
            + " %d records written again after Redis forgot %d times (seed %d)%n",
        FAILOVERS,
        KILLS,
        records,
        tally.missing(),
        tally.doubled,
        tally.outOfOrder,
        forgotten,
        times,
        seed);
    String what = "seed " + seed + ", rounds " + rounds;
    assertThat(tally.missing()).as("missing, %s", what).isZero();
    assertThat(tally.doubled).as("doubled, %s", what).isZero();
    assertThat(tally.outOfOrder).as("out of order, %s", what).isZero();
    assertThat(times).as("failovers that forgot, %s", what).isGreaterThanOrEqualTo(FAILOVERS);
    assertRunning();
  }

  /** To a replica that the master has left behind. */
  private void failOver() {
    servers.cutReplication();
    long kept = servers.replica().length(stream);
    awaitMore(kept + 1 + random.nextInt(1_000));
    long had = servers.master().length(stream);
    servers.failOver();
    noteRound("failover", had, kept);
    servers.formerMasterFollows();
  }

  /** Of the master, whose replica then drops what the master has forgotten. */
  private void kill() {
    ForgetfulRedis master = servers.master();
    boolean ofTheMachine = random.nextBoolean();
    if (ofTheMachine) {
      master.remember();
    }
    pauseUpTo(800);
    long had = master.length(stream);
    master.kill();
    pauseUpTo(300);
    if (ofTheMachine) {
      master.startAsRemembered();
    } else {
      master.start();
    }
    noteRound(ofTheMachine ? "crash" : "kill", had, master.length(stream));
    servers.awaitReplication();
  }

  /**
   * Counts what was forgotten at least: the master may have written more between the look at it and
   * its end, and a bit between its start and the next look.
   */
  private void noteRound(String fault, long had, long kept) {
    rounds.add(fault + " " + had + "->" + kept);
    if (kept < had) {
      forgotten += had - kept;
      times++;
    }
  }

  private void awaitMore(long length) {
    await()
        .alias("stream of " + length + " entries under load, seed " + seed + ", " + rounds)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> servers.master().length(stream) >= length);
  }

  /** So that the figures are printed, too, when something is missing. */
  private boolean hasLength(int records) {
    try {
      awaitMore(records);
      return true;
    } catch (ConditionTimeoutException e) {
      return false;
    }
  }

  private Tally tally(int records) {
    Tally tally = new Tally(records);
    try (Redis redis = redis()) {
      String from = "-";
      List<StreamEntry> page;
      do {
        page = Replies.entries(redis.call("XRANGE", stream, from, "+", "COUNT", PAGE));
        for (StreamEntry entry : page) {
          tally.add(Integer.parseInt(Redis.fields(entry).getOrDefault("n", "-1")));
          from = "(" + entry.id();
        }
      } while (!page.isEmpty());
    }
    return tally;
  }

  /** What has become of the records of a {@link NumberedLoad}. */
  private static final class Tally {
    private final int records;
    private final BitSet seen = new BitSet();
    private final int[] last = new int[PARTITIONS];
    private long doubled;
    private long outOfOrder;

    Tally(int records) {
      this.records = records;
    }

    void add(int number) {
      assertThat(number).isBetween(0, records - 1);
      if (seen.get(number)) {
        doubled++;
      }
      seen.set(number);
      int partition = number % PARTITIONS;
      if (number < last[partition]) {
        outOfOrder++;
      }
      last[partition] = number;
    }

    int missing() {
      return records - seen.cardinality();
    }
  }

  /** The moment of a kill is the one thing here that must not wait for a condition. */
  private void pauseUpTo(int millis) {
    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(millis)).toNanos());
  }
}
