/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.stack.Deviation;
import io.claimstream.stack.FreePorts;
import io.claimstream.stack.RedisServer;
import io.claimstream.stack.StackFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A Redis Cluster of three masters with a replica each. */
final class ClusteredRedis implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MASTERS = 3;
  private static final int SLOTS = 16_384;

  /** One server, under the name that the cluster gave it. */
  record Node(RedisServer server, String id) {
    Redis open() {
      return new Redis(server.uri());
    }
  }

  private final List<Node> nodes = new ArrayList<>();

  /** Starts the servers, and returns when each of them knows all slots and all replicas. */
  ClusteredRedis(Path dir) {
    StackFiles files = StackFiles.locate();
    List<Integer> busPorts = new ArrayList<>();
    for (int i = 0; i < 2 * MASTERS; i++) {
      int bus = FreePorts.free();
      busPorts.add(bus);
      List<String> lines = new ArrayList<>(List.of("cluster-enabled yes", "cluster-port " + bus));
      lines.addAll(
          Deviation.redisLines(
              Deviation.Server.CLUSTER_OF_TESTS, Deviation.Server.REPLICAS_OF_TESTS));
      RedisServer server =
          RedisServer.start(files, dir.resolve("node-" + i), 0, lines.toArray(String[]::new));
      try (Redis redis = new Redis(server.uri())) {
        nodes.add(new Node(server, text(redis.call("CLUSTER", "MYID"))));
      }
    }
    form(busPorts);
  }

  private void form(List<Integer> busPorts) {
    for (int i = 0; i < MASTERS; i++) {
      try (Redis redis = nodes.get(i).open()) {
        redis.call("CLUSTER", "ADDSLOTSRANGE", i * SLOTS / MASTERS, (i + 1) * SLOTS / MASTERS - 1);
      }
    }
    try (Redis first = nodes.get(0).open()) {
      for (int i = 1; i < nodes.size(); i++) {
        first.call("CLUSTER", "MEET", "127.0.0.1", nodes.get(i).server().port(), busPorts.get(i));
      }
    }
    for (int i = MASTERS; i < nodes.size(); i++) {
      Node replica = nodes.get(i);
      Node master = nodes.get(i - MASTERS);
      await("replica knows its master")
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(
              () -> {
                try (Redis redis = replica.open()) {
                  redis.call("CLUSTER", "REPLICATE", master.id());
                  return true;
                }
              });
    }
    await("cluster").atMost(PATIENCE).ignoreExceptions().until(this::isComplete);
  }

  private boolean isComplete() {
    return nodes.stream()
        .allMatch(
            node -> {
              try (Redis redis = node.open()) {
                String cluster = text(redis.call("CLUSTER", "INFO"));
                String replication = redis.info("replication");
                return cluster.contains("cluster_state:ok")
                    && cluster.contains("cluster_known_nodes:" + nodes.size())
                    && text(redis.call("CLUSTER", "NODES")).split("slave", -1).length == MASTERS + 1
                    && (replication.contains("role:master")
                        ? replication.contains("connected_slaves:1")
                        : replication.contains("master_link_status:up"));
              }
            });
  }

  /** The settings that lead a connector there. */
  Map<String, String> settings() {
    String seeds = String.join(",", nodes.stream().map(node -> node.server().uri()).toList());
    return Map.of("redis.topology", "cluster", "redis.uri", seeds);
  }

  /** A connection to the master of a key's slot. */
  Redis open(String key) {
    return new Redis(settings(), key);
  }

  /** A name that begins so and whose slot is the first, second or third master's at the start. */
  String keyOn(int master, String prefix) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> prefix + '-' + i)
        .filter(key -> slot(key) * MASTERS / SLOTS == master)
        .findFirst()
        .orElseThrow();
  }

  private int slot(String key) {
    try (Redis redis = nodes.get(nodes.size() - 1).open()) {
      return redis.call("CLUSTER", "KEYSLOT", key) instanceof Long slot ? slot.intValue() : -1;
    }
  }

  /** The master of a key's slot now. */
  Node masterOf(String key) {
    try (Redis redis = open(key)) {
      String id = text(redis.call("CLUSTER", "MYID"));
      return nodes.stream().filter(node -> node.id().equals(id)).findFirst().orElseThrow();
    }
  }

  /** A master that does not serve the key's slot. */
  Node otherMaster(String key) {
    Node owner = masterOf(key);
    return nodes.stream()
        .filter(node -> !node.equals(owner))
        .filter(
            node -> {
              try (Redis redis = node.open()) {
                return redis.info("replication").contains("role:master");
              }
            })
        .findFirst()
        .orElseThrow();
  }

  /**
   * Moves a key's slot with all its keys, one by one as {@code redis-cli --cluster reshard} does.
   *
   * @param between runs while the first key is on the new master and the others are on the old one
   */
  void moveSlot(String key, Node to, boolean keyFirst, Runnable between) {
    int slot = slot(key);
    Node from = masterOf(key);
    try (Redis source = from.open();
        Redis target = to.open()) {
      target.call("CLUSTER", "SETSLOT", slot, "IMPORTING", from.id());
      source.call("CLUSTER", "SETSLOT", slot, "MIGRATING", to.id());
      Set<String> moved = new TreeSet<>();
      for (List<String> keys = keys(source, slot); !keys.isEmpty(); keys = keys(source, slot)) {
        String next =
            moved.isEmpty()
                ? keys.stream().filter(k -> k.equals(key) == keyFirst).findFirst().orElseThrow()
                : keys.get(0);
        source.call("MIGRATE", "127.0.0.1", to.server().port(), next, 0, 10_000);
        moved.add(next);
        if (moved.size() == 1) {
          between.run();
        }
      }
      for (Redis node : List.of(target, source)) {
        node.call("CLUSTER", "SETSLOT", slot, "NODE", to.id());
      }
    }
    await("slot " + slot + " moved").atMost(PATIENCE).until(() -> masterOf(key).equals(to));
  }

  private static List<String> keys(Redis node, int slot) {
    return Replies.list(node.call("CLUSTER", "GETKEYSINSLOT", slot, 100)).stream()
        .map(ClusteredRedis::text)
        .toList();
  }

  /** Has a replica take over from the master of a key's slot without any loss. */
  void failOver(String key) {
    Node master = masterOf(key);
    Node replica = replicaOf(master);
    try (Redis redis = replica.open()) {
      redis.call("CLUSTER", "FAILOVER");
    }
    awaitMaster(key, replica);
  }

  /** Kills the master of a key's slot and waits until its replica leads. */
  Node killMasterOf(String key) {
    Node master = masterOf(key);
    Node replica = replicaOf(master);
    master.server().kill();
    awaitMaster(key, replica);
    return master;
  }

  /** Starts a killed master again, which is a replica from now on. */
  void revive(Node killed) {
    killed.server().restart();
    await("cluster").atMost(PATIENCE).ignoreExceptions().until(this::isComplete);
  }

  private void awaitMaster(String key, Node expected) {
    await("failover")
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> masterOf(key).equals(expected));
  }

  private Node replicaOf(Node master) {
    try (Redis redis = master.open()) {
      String replica = text(Replies.list(redis.call("CLUSTER", "REPLICAS", master.id())).get(0));
      return nodes.stream().filter(node -> replica.startsWith(node.id())).findFirst().orElseThrow();
    }
  }

  private static String text(@Nullable Object reply) {
    return String.valueOf(Replies.text(reply));
  }

  @Override
  public void close() {
    nodes.forEach(node -> node.server().close());
  }
}
