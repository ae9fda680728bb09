/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.server.RedisServer;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Several servers in {@code redis.uri}, of which one is the master of the others. */
@EnabledIf("io.claimstream.connect.redis.server.RedisServer#isAvailable")
class ReplicaTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String[] SYNC_AT_ONCE = {"--repl-diskless-sync-delay", "0"};
  private static final String APPEND =
      "local r = redis.pcall('XADD', KEYS[1], '*', 'f', 'v'); return {0, 0, r.err or ''}";

  private final RedisServer first = RedisServer.start(SYNC_AT_ONCE);
  private final RedisServer second = RedisServer.start(SYNC_AT_ONCE);
  private final RedisConnections connections =
      RedisConnections.of(first.settings(Map.of("redis.uri", first.uri() + "," + second.uri())));

  @BeforeEach
  void theSecondIsTheMasterOfTheFirst() {
    replicate(first, second);
  }

  @AfterEach
  void stopServers() {
    first.close();
    second.close();
  }

  @Test
  void writesGoToTheMasterWhereverItIsInTheList() {
    try (RedisConnection connection = connections.open("s")) {
      connection.call(Command.of("XADD", "s", "*", "f", "v"));
      Object appended = connection.call(Command.of("EVAL", APPEND, 1, "s"));

      assertThat(Replies.text(Replies.list(appended).get(2))).isEmpty();
      assertThat(connection.call(Command.of("XLEN", "s"))).isEqualTo(2L);
      assertThat(connection.address()).isEqualTo("127.0.0.1:" + second.port());
    }
  }

  @Test
  void aMasterThatWasDemotedIsNotConnectedToAgainUntilItIsMasterAgain() {
    try (RedisConnection master = connections.open("s")) {
      // when the servers change places
      promote(first);
      replicate(second, first);

      // then the open connection says so, in a command and in a script
      assertThatExceptionOfType(RedisOutageException.class)
          .isThrownBy(() -> master.call(Command.of("XADD", "s", "*", "f", "v")))
          .withMessageContaining("READONLY");
      Object appended = master.call(Command.of("EVAL", APPEND, 1, "s"));
      assertThat(Replies.text(Replies.list(appended).get(2))).startsWith("READONLY");

      // and the next one is to the new master, and so on
      assertThat(writtenTo()).isEqualTo(first.port());
      promote(second);
      replicate(first, second);
      assertThat(writtenTo()).isEqualTo(second.port());
    }
  }

  @Test
  void isOutWhileThereAreOnlyReplicas() {
    // given a failover that nobody has finished
    try (RedisServer gone = RedisServer.start(SYNC_AT_ONCE)) {
      replicate(first, gone);
      replicate(second, gone);

      assertThatExceptionOfType(RedisOutageException.class)
          .isThrownBy(this::writtenTo)
          .withMessageContaining("READONLY");

      // when it is finished
      promote(second);

      // then
      assertThat(writtenTo()).isEqualTo(second.port());
    }
  }

  @Test
  void isOutWhileTheMasterIsGoneAndItsReplicaIsNot() {
    second.close();

    assertThatExceptionOfType(RedisOutageException.class)
        .isThrownBy(this::writtenTo)
        .withMessageContaining("READONLY");

    promote(first);
    assertThat(writtenTo()).isEqualTo(first.port());
  }

  @Test
  void leavesNoConnectionToAReplicaBehind() {
    try (RedisConnection admin = first.connect();
        RedisConnection secondAdmin = second.connect()) {
      admin.call(Command.of("CLIENT", "SETNAME", "admin"));

      connections.open("s").close();
      awaitNoClientOfOurs(admin);

      // nor if the master refuses
      secondAdmin.call(Command.of("CONFIG", "SET", "requirepass", "s3cret"));
      secondAdmin.call(Command.of("AUTH", "s3cret"));
      assertThatExceptionOfType(RedisConfigurationException.class).isThrownBy(this::writtenTo);
      awaitNoClientOfOurs(admin);
    }
  }

  private static void awaitNoClientOfOurs(RedisConnection admin) {
    Awaitility.await("no client but this one and the master's link")
        .atMost(PATIENCE)
        .until(
            () ->
                !String.valueOf(Replies.text(admin.call(Command.of("CLIENT", "LIST"))))
                    .contains("name=test"));
  }

  private int writtenTo() {
    try (RedisConnection connection = connections.open("s")) {
      connection.call(Command.of("XADD", "s", "*", "f", "v"));
      return Integer.parseInt(connection.address().substring("127.0.0.1:".length()));
    }
  }

  private static void promote(RedisServer server) {
    try (RedisConnection admin = server.connect()) {
      admin.call(Command.of("REPLICAOF", "NO", "ONE"));
    }
  }

  private static void replicate(RedisServer replica, RedisServer master) {
    try (RedisConnection admin = replica.connect()) {
      admin.call(Command.of("REPLICAOF", "127.0.0.1", master.port()));
      Awaitility.await("the replica follows its master")
          .atMost(PATIENCE)
          .until(
              () ->
                  String.valueOf(Replies.text(admin.call(Command.of("INFO", "replication"))))
                      .contains("master_link_status:up"));
    }
  }
}
