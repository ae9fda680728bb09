/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.server.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

@EnabledIf("io.claimstream.connect.redis.server.RedisServer#isAvailable")
class TopologyTest {
  @TempDir private Path folder;

  @Test
  void findsTheMasterThroughASentinel() throws IOException {
    Path config = Files.createFile(folder.resolve("sentinel.conf"));
    try (RedisServer master = RedisServer.start();
        RedisServer sentinel = RedisServer.start(config.toString(), "--sentinel")) {
      try (RedisConnection admin = sentinel.connect()) {
        admin.call(Command.of("SENTINEL", "MONITOR", "prime", "127.0.0.1", master.port(), 1));
      }

      try (RedisConnection connection = throughSentinel(sentinel, "prime").open("k")) {
        assertThat(connection.address()).isEqualTo("127.0.0.1:" + master.port());
        assertThat(Replies.text(connection.call(Command.of("PING")))).isEqualTo("PONG");
      }
      assertThatExceptionOfType(RedisOutageException.class)
          .isThrownBy(() -> throughSentinel(sentinel, "unknown").open("k").close())
          .withMessageContaining("'unknown'")
          .withMessageContaining("redis.sentinel.master");
    }
  }

  @Test
  void saysThatASentinelAsksForCredentialsOfItsOwn() throws IOException {
    Path config = Files.createFile(folder.resolve("sentinel.conf"));
    try (RedisServer sentinel =
        RedisServer.start(config.toString(), "--sentinel", "--requirepass", "s3cret")) {
      assertThatExceptionOfType(RedisConfigurationException.class)
          .isThrownBy(() -> throughSentinel(sentinel, "prime").open("k").close())
          .withMessageContaining("redis.sentinel.password");
    }
  }

  private static RedisConnections throughSentinel(RedisServer sentinel, String master) {
    return RedisConnections.of(
        sentinel.settings(Map.of("redis.topology", "sentinel", "redis.sentinel.master", master)));
  }

  @Test
  void findsTheMasterOfASlotInACluster() {
    try (RedisServer low = RedisServer.startNode();
        RedisServer high = RedisServer.startNode()) {
      form(low, high);
      RedisConnections cluster =
          RedisConnections.of(low.settings(Map.of("redis.topology", "cluster")));

      // "foo" is in slot 12182, "bar" in slot 5061
      for (Map.Entry<String, RedisServer> owner : Map.of("foo", high, "bar", low).entrySet()) {
        try (RedisConnection connection = cluster.open(owner.getKey())) {
          assertThat(connection.address()).isEqualTo("127.0.0.1:" + owner.getValue().port());
          connection.call(Command.of("SET", owner.getKey(), "v"));
        }
      }

      List<String> visited = new ArrayList<>();
      cluster.forEachMaster(
          connection ->
              visited.add(
                  connection.address() + Replies.text(connection.call(Command.of("RANDOMKEY")))));
      assertThat(visited)
          .containsExactlyInAnyOrder(
              "127.0.0.1:" + high.port() + "foo", "127.0.0.1:" + low.port() + "bar");
    }
  }

  @Test
  void asksNodesThatTheClusterNamedWhenAllConfiguredOnesAreGone() {
    try (RedisServer low = RedisServer.startNode();
        RedisServer high = RedisServer.startNode()) {
      // given connections that know of one node, and have been used once
      form(low, high);
      RedisConnections cluster =
          RedisConnections.of(low.settings(Map.of("redis.topology", "cluster")));
      cluster.open("foo").close();

      // when
      shutDown(low);

      // then
      try (RedisConnection connection = cluster.open("foo")) {
        assertThat(connection.address()).isEqualTo("127.0.0.1:" + high.port());
      }
    }
  }

  @Test
  void aSlotThatMovesIsOutUntilItHasMoved() {
    try (RedisServer low = RedisServer.startNode();
        RedisServer high = RedisServer.startNode()) {
      // given two keys of one slot, one of which has been moved
      form(low, high);
      RedisConnections cluster =
          RedisConnections.of(low.settings(Map.of("redis.topology", "cluster")));
      try (RedisConnection lowAdmin = low.connect();
          RedisConnection highAdmin = high.connect();
          RedisConnection before = cluster.open("{bar}1")) {
        before.call(Command.of("XADD", "{bar}1", "*", "f", "v"));
        before.call(Command.of("SET", "{bar}2", "v"));
        String lowId = id(lowAdmin);
        String highId = id(highAdmin);
        highAdmin.call(Command.of("CLUSTER", "SETSLOT", 5061, "IMPORTING", lowId));
        lowAdmin.call(Command.of("CLUSTER", "SETSLOT", 5061, "MIGRATING", highId));
        lowAdmin.call(Command.of("MIGRATE", "127.0.0.1", high.port(), "{bar}1", 0, 5_000));

        // then neither a transaction nor a script does a part of its work on the old master
        assertThatExceptionOfType(RedisOutageException.class)
            .isThrownBy(() -> before.call(Command.of("XLEN", "{bar}1")))
            .withMessageContaining("ASK 5061");
        assertThatExceptionOfType(RedisOutageException.class)
            .isThrownBy(
                () ->
                    before.call(
                        Command.of(
                            "EVAL",
                            "return redis.call('SET', KEYS[2], 'x')",
                            2,
                            "{bar}1",
                            "{bar}2")))
            .withMessageContaining("TRYAGAIN");
        assertThat(Replies.text(before.call(Command.of("GET", "{bar}2")))).isEqualTo("v");

        // and afterwards the old connection is out, a new one leads to the new master
        lowAdmin.call(Command.of("MIGRATE", "127.0.0.1", high.port(), "{bar}2", 0, 5_000));
        for (RedisConnection node : List.of(highAdmin, lowAdmin)) {
          node.call(Command.of("CLUSTER", "SETSLOT", 5061, "NODE", highId));
        }
        assertThatExceptionOfType(RedisOutageException.class)
            .isThrownBy(() -> before.call(Command.of("XLEN", "{bar}1")))
            .withMessageContaining("MOVED 5061");
        try (RedisConnection after = cluster.open("{bar}1")) {
          assertThat(after.address()).isEqualTo("127.0.0.1:" + high.port());
          assertThat(after.call(Command.of("XLEN", "{bar}1"))).isEqualTo(1L);
        }
      }
    }
  }

  private static void shutDown(RedisServer server) {
    try (RedisConnection admin = server.connect()) {
      assertThatExceptionOfType(RedisOutageException.class)
          .isThrownBy(() -> admin.call(Command.of("SHUTDOWN", "NOSAVE")));
    }
  }

  private static void form(RedisServer low, RedisServer high) {
    try (RedisConnection lowAdmin = low.connect();
        RedisConnection highAdmin = high.connect()) {
      lowAdmin.call(Command.of("CLUSTER", "ADDSLOTSRANGE", 0, 8191));
      highAdmin.call(Command.of("CLUSTER", "ADDSLOTSRANGE", 8192, 16383));
      highAdmin.call(Command.of("CONFIG", "SET", "cluster-announce-ip", "127.0.0.1"));
      lowAdmin.call(Command.of("CLUSTER", "MEET", "127.0.0.1", high.port(), high.busPort()));
      Awaitility.await("both nodes know all slots")
          .atMost(Duration.ofSeconds(30))
          .until(() -> isComplete(lowAdmin) && isComplete(highAdmin));
    }
  }

  private static String id(RedisConnection node) {
    return String.valueOf(Replies.text(node.call(Command.of("CLUSTER", "MYID"))));
  }

  private static boolean isComplete(RedisConnection node) {
    String info = String.valueOf(Replies.text(node.call(Command.of("CLUSTER", "INFO"))));
    return info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:16384");
  }

  @Test
  void isOutWhileNoMasterServesTheSlot() {
    try (RedisServer node = RedisServer.startNode()) {
      RedisConnections cluster =
          RedisConnections.of(node.settings(Map.of("redis.topology", "cluster")));

      assertThatExceptionOfType(RedisOutageException.class)
          .isThrownBy(() -> cluster.open("foo").close())
          .withMessageContaining("12182");
    }
  }
}
