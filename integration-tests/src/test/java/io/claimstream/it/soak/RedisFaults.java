/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.it.ForgetfulRedis;
import io.claimstream.it.Redis;
import io.claimstream.it.RedisPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** What happens to Redis. */
final class RedisFaults {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration OFTEN = Duration.ofMillis(20);

  /** How far clocks are apart, at most. */
  private static final int AHEAD_MILLIS = 20_000;

  private final SoakServers servers;
  private final Ledger ledger;
  private final Random random;

  RedisFaults(SoakServers servers, Ledger ledger, Random random) {
    this.servers = servers;
    this.ledger = ledger;
    this.random = random;
  }

  List<Fault> all() {
    List<Fault> all = new ArrayList<>(onEveryMachine());
    if (servers.masterDisk().canBeFull()) {
      // not the replica's: that ends when it cannot write (replica-ignore-disk-write-errors)
      all.add(
          Fault.of(
              "Redis: disk full",
              6,
              2_500, // Redis writes once a second
              () -> servers.masterDisk().fill(),
              () -> servers.masterDisk().free(),
              this::rewriteLog));
    } else {
      System.out.println("soak: no file system can be mounted here, so no disk is ever full");
    }
    return all;
  }

  private List<Fault> onEveryMachine() {
    return List.of(
        Fault.of("Redis: killed", 6, 500, () -> master().kill(), this::start, this::follow),
        Fault.of(
            "Redis: loses the end of its log",
            6,
            1_000,
            () -> master().remember(),
            this::crash,
            this::follow),
        Fault.of(
            "Redis: failover to a lagging replica",
            8,
            500,
            this::lag,
            this::failOver,
            this::formerFollows),
        Fault.of(
            "Redis: failover, clock was ahead",
            4,
            300,
            this::lagAndBeAhead,
            this::failOver,
            this::formerFollows),
        Fault.passing("Redis: clock ahead, then behind", 4, this::beAhead),
        Fault.of(
            "Redis: frozen",
            6,
            1_500,
            () -> master().server().pause(),
            () -> master().server().resume()),
        Fault.of(
            "Redis: out of memory",
            6,
            1_500,
            () -> redis(Redis::takeAllMemory),
            () -> redis(Redis::giveMemoryBack)),
        Fault.passing(
            "Redis: connections killed",
            6,
            () -> redis(redis -> redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))),
        Fault.passing(
            "Redis: scripts forgotten", 4, () -> redis(redis -> redis.call("SCRIPT", "FLUSH"))),
        Fault.passing("group moved back", 6, this::moveBack),
        Fault.of("consumer added and removed", 4, 300, this::addConsumer, this::removeConsumer));
  }

  private RedisPair pair() {
    return servers.redis();
  }

  private ForgetfulRedis master() {
    return pair().master();
  }

  private void redis(Consumer<Redis> action) {
    try (Redis redis = servers.openRedis()) {
      action.accept(redis);
    }
  }

  private void start() {
    master().start();
  }

  private void crash() {
    master().kill();
    master().startAsRemembered();
  }

  /** Cuts the replica off, and waits until there is something that it does not have. */
  private void lag() {
    pair().cutReplication();
    long kept = pair().replica().length(SoakServers.ANALYTICS);
    await("growth")
        .atMost(PATIENCE)
        .pollInterval(OFTEN)
        .until(() -> master().length(SoakServers.ANALYTICS) > kept);
  }

  private void failOver() {
    pair().failOver();
  }

  private void formerFollows() {
    pair().formerMasterFollows();
  }

  /** A log that was written to a full disk may be one that Redis cannot read: it gets a new one. */
  private void rewriteLog() {
    redis(
        redis -> {
          await("log").atMost(PATIENCE).until(() -> persistence(redis, "aof_last_write_status:ok"));
          redis.call("BGREWRITEAOF");
          await("new log")
              .atMost(PATIENCE)
              .until(
                  () ->
                      persistence(
                          redis,
                          "aof_rewrite_in_progress:0",
                          "aof_rewrite_scheduled:0",
                          "aof_last_bgrewrite_status:ok"));
        });
    follow();
  }

  private static boolean persistence(Redis redis, String... lines) {
    return redis.info("persistence").lines().toList().containsAll(List.of(lines));
  }

  private void follow() {
    pair().awaitReplication();
  }

  /** Only the former master has ids of the future, and they are in Kafka already. */
  private void lagAndBeAhead() {
    pair().cutReplication();
    int number = beAhead();
    await("entry " + number)
        .atMost(PATIENCE)
        .pollInterval(OFTEN)
        .until(() -> servers.newestArrived() >= number);
  }

  /** Has Redis hand out ids of the future until its clock has come so far. */
  private int beAhead() {
    int number = ledger.begin(1);
    long millis = System.currentTimeMillis() + 1 + random.nextInt(AHEAD_MILLIS);
    redis(
        redis -> {
          StreamEntry last = last(redis);
          long after = Math.max(millis, last.id().millis() + 1);
          Object[] fields = Ledger.entry(number).toArray();
          Object[] arguments = new Object[fields.length + 2];
          arguments[0] = SoakServers.EVENTS;
          arguments[1] = after + "-0";
          System.arraycopy(fields, 0, arguments, 2, fields.length);
          ledger.answered(number, Replies.text(redis.call("XADD", arguments)));
        });
    return number;
  }

  private static StreamEntry last(Redis redis) {
    return Replies.entries(redis.call("XREVRANGE", SoakServers.EVENTS, "+", "-", "COUNT", 1))
        .get(0);
  }

  /**
   * With one consumer, what lies below Connect's offset is acknowledged and not emitted. Never
   * forward: that would skip entries, as asked.
   */
  private void moveBack() {
    redis(
        redis -> {
          Object first = Replies.list(redis.call("XINFO", "GROUPS", SoakServers.EVENTS)).get(0);
          String delivered = Replies.text(Replies.map(first).get("last-delivered-id"));
          List<StreamEntry> read =
              Replies.entries(
                  redis.call(
                      "XREVRANGE",
                      SoakServers.EVENTS,
                      String.valueOf(delivered),
                      "-",
                      "COUNT",
                      1 + random.nextInt(500)));
          if (!read.isEmpty()) {
            String back = read.get(read.size() - 1).id().toString();
            redis.call("XGROUP", "SETID", SoakServers.EVENTS, SoakConnectors.GROUP, back);
          }
        });
  }

  private void addConsumer() {
    redis(redis -> consumer(redis, "CREATECONSUMER"));
  }

  private void removeConsumer() {
    redis(redis -> consumer(redis, "DELCONSUMER"));
  }

  private static void consumer(Redis redis, String what) {
    redis.call("XGROUP", what, SoakServers.EVENTS, SoakConnectors.GROUP, "somebody");
  }
}
