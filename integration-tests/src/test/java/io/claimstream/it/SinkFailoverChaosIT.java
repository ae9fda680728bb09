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
 * Redis loses acknowledged writes again and again under load: in failovers to a lagging replica,
 * and in kills of a master with {@code appendfsync everysec}. Half of the kills also lose the last
 * moments of the append-only file, as a crash of the machine does. {@code -Pchaos} makes it longer.
 *
 * <p>The test itself promotes the replica, and the connector has the addresses of both servers.
 * Sentinels need several seconds for each failover, too long for a hundred of them; {@link
 * SinkForgetfulRedisIT} and {@link SentinelIT} run with sentinels.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class SinkFailoverChaosIT extends SinkTestBase {
  private static final int PARTITIONS = 3;
  private static final int FAILOVERS = Integer.getInteger("chaos.redis.failovers", 2);
  private static final int KILLS = Integer.getInteger("chaos.redis.kills", 2);
  private static final int BATCH = 50;
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
  void failoversToALaggingReplicaAndKillsLoseAndRepeatNothing() {
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
            + " at least %d records written again after Redis forgot %d times (seed %d)%n",
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

  /** Fails over to a replica that lags. */
  private void failOver() {
    servers.cutReplication();
    long kept = servers.replica().length(stream);
    awaitMore(kept + 1 + random.nextInt(1_000));
    long had = servers.master().length(stream);
    servers.failOver();
    noteRound("failover", had, kept);
    servers.formerMasterFollows();
  }

  /** Kills and restarts the master; its replica then drops what the master has lost. */
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
   * Counts the lost entries. It is a lower bound: the master may have appended more before it was
   * killed, and some again before it was asked.
   */
  private void noteRound(String fault, long had, long kept) {
    rounds.add(fault + " " + had + "->" + kept);
    if (kept < had) {
      forgotten += had - kept;
      times++;
    }
  }

  private void awaitMore(long length) {
    awaitLength(length, PATIENCE);
  }

  private void awaitLength(long length, Duration patience) {
    await("stream of " + length + " entries, seed " + seed + ", rounds " + rounds)
        .atMost(patience)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> servers.master().length(stream) >= length);
  }

  /** Does not fail, so that the figures are printed when records are missing, too. */
  private boolean hasLength(int records) {
    try {
      awaitLength(records, PATIENCE.multipliedBy(2)); // a slow machine may have a backlog
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

  /** Counts the records of a {@link NumberedLoad} that are missing, doubled or out of order. */
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
