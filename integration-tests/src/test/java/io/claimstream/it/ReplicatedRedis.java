/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.stack.Deviation;
import io.claimstream.stack.RedisSentinel;
import io.claimstream.stack.RedisServer;
import io.claimstream.stack.StackFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A master, its replica, and three sentinels that fail over from the one to the other. */
final class ReplicatedRedis implements OwnRedis {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String NAME = "claims";
  private static final int SENTINELS = 3;
  private static final int QUORUM = 2;

  private final RedisServer master;
  private final RedisServer replica;
  private final List<RedisSentinel> sentinels = new ArrayList<>();
  private final Map<String, String> settings;

  /** Starts the servers, and returns when a failover would work. */
  ReplicatedRedis(Path dir) {
    StackFiles files = StackFiles.locate();
    List<String> lines = new ArrayList<>(Deviation.redisLines(Deviation.Server.REPLICAS_OF_TESTS));
    this.master = RedisServer.start(files, dir.resolve("master"), 0, lines.toArray(String[]::new));
    lines.add("replicaof 127.0.0.1 " + master.port());
    this.replica =
        RedisServer.start(files, dir.resolve("replica"), 0, lines.toArray(String[]::new));
    awaitLink(replica);
    for (int i = 0; i < SENTINELS; i++) {
      sentinels.add(
          RedisSentinel.start(files, dir.resolve("sentinel-" + i), 0, NAME, master, QUORUM));
    }
    await("sentinels")
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> sentinels.stream().allMatch(ReplicatedRedis::isReady));
    this.settings =
        Map.of(
            "redis.topology",
            "sentinel",
            "redis.uri",
            sentinels.stream().map(RedisSentinel::uri).collect(Collectors.joining(",")),
            "redis.sentinel.master",
            NAME);
  }

  @Override
  public Map<String, String> settings() {
    return settings;
  }

  @Override
  public Redis open() {
    return new Redis(settings());
  }

  /** The first master. */
  RedisServer master() {
    return master;
  }

  /** The replica, to be the second master. */
  RedisServer replica() {
    return replica;
  }

  /** Nothing that the master does from now on reaches the replica. */
  void cutReplication() {
    cut(master, replica);
  }

  /** Nothing that the master does from now on reaches the replica, until it is started again. */
  static void cut(RedisServer master, RedisServer replica) {
    try (Redis redis = new Redis(master.uri())) {
      redis.call("ACL", "SETUSER", "default", "-psync", "-sync");
      redis.call("CLIENT", "KILL", "TYPE", "replica");
    }
    await("cut").atMost(PATIENCE).until(() -> says(replica, "master_link_status:down"));
  }

  /** Waits until the replica has all that its master has, and a kill would not take it away. */
  static void awaitLink(RedisServer replica) {
    await("replica")
        .atMost(PATIENCE)
        .until(
            () ->
                says(replica, "master_link_status:up")
                    && says(replica, "aof_rewrite_in_progress:0")
                    && says(replica, "aof_rewrite_scheduled:0"));
  }

  /** Kills the master, and the sentinel that clients ask first. */
  void killMaster() {
    sentinels.remove(0).kill();
    master.kill();
  }

  /** Waits until the replica leads and all sentinels that live say so. */
  void awaitFailover() {
    await("failover").atMost(PATIENCE).ignoreExceptions().until(this::replicaLeads);
  }

  /** Kills the master and waits for the new one. */
  void failOver() {
    killMaster();
    awaitFailover();
  }

  /** How often the replica executed a command that a client sent it. */
  long callsOnReplica(String command) {
    try (Redis redis = new Redis(replica.uri())) {
      return redis.calls(command);
    }
  }

  private static boolean isReady(RedisSentinel sentinel) {
    try (Redis redis = new Redis(sentinel.uri())) {
      Map<String, Object> state = Replies.map(redis.call("SENTINEL", "MASTER", NAME));
      String others = String.valueOf(Replies.text(state.get("num-other-sentinels")));
      String replicas = String.valueOf(Replies.text(state.get("num-slaves")));
      return others.equals(String.valueOf(SENTINELS - 1)) && replicas.equals("1");
    }
  }

  /** A sentinel that did not lead the failover hears of it a little later. */
  private boolean replicaLeads() {
    return says(replica, "role:master")
        && sentinels.stream().allMatch(sentinel -> masterPort(sentinel) == replica.port());
  }

  private static int masterPort(RedisSentinel sentinel) {
    try (Redis redis = new Redis(sentinel.uri())) {
      List<Object> address = Replies.list(redis.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME));
      return Integer.parseInt(String.valueOf(Replies.text(address.get(1))));
    }
  }

  private static boolean says(RedisServer server, String line) {
    try (Redis redis = new Redis(server.uri())) {
      return redis.info("all").lines().anyMatch(line::equals);
    }
  }

  @Override
  public void close() {
    sentinels.forEach(RedisSentinel::close);
    replica.close();
    master.close();
  }
}
