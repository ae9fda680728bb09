/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.error.RedisOutageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The source on a Redis at its {@code maxmemory} with {@code noeviction}, whose entries somebody
 * trims once they are acknowledged: as long as they are not read, there is no memory.
 */
class FullRedisIT extends SourceTestBase {
  private static final int ENTRIES = 2_000;

  private ForgetfulRedis own;
  private Redis admin;

  FullRedisIT(Stack stack) {
    super(stack);
  }

  @BeforeEach
  void startServer() {
    own = new ForgetfulRedis(stack.directory(Stack.unique("full-redis")));
    admin = own.open();
  }

  @AfterEach
  void stopServer() {
    admin.close();
    own.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void readsAcknowledgesAndRestartsUntilThereIsMemoryAgain(int consumers) {
    // given
    List<String> ids = new ArrayList<>(admin.addClaims(stream, ENTRIES));
    fill();

    // when it begins, loses its connections, and is restarted, all without memory
    Map<String, String> settings =
        settings(
            "redis.uri", own.uri(),
            "redis.read.count", "50",
            "redis.consumers.per.stream", String.valueOf(consumers));
    stack.run(connector, stack.example("claims-source.json", settings));
    topic.await(ENTRIES / 20);
    admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    topic.await(ENTRIES / 10);
    stack.connect().request("POST", "/connectors/" + connector + "/tasks/0/restart", null);

    // then
    assertThat(streamIds(topic.await(ENTRIES))).containsExactlyInAnyOrderElementsOf(ids);
    await().atMost(PATIENCE).until(() -> admin.pending(stream, GROUP) == 0);
    assertThat(admin.calls("eval")).as("reads without a transaction").isPositive();

    // when what is acknowledged is trimmed
    admin.call("XTRIM", stream, "MAXLEN", 0);
    admin.giveMemoryBack();
    ids.addAll(admin.addClaims(stream, 100));
    topic.await(ids.size());
    long scripts = admin.calls("eval");
    ids.addAll(admin.addClaims(stream, 100));

    // then
    assertThat(streamIds(topic.await(ids.size()))).containsExactlyInAnyOrderElementsOf(ids);
    await().atMost(PATIENCE).until(() -> admin.pending(stream, GROUP) == 0);
    assertThat(admin.calls("eval")).as("transactions again").isEqualTo(scripts);
    assertThat(stack.log(stream, "Redis is full (maxmemory)")).isNotEmpty();
    assertThat(stack.log(stream, "Redis has memory again")).isNotEmpty();
  }

  private void fill() {
    admin.takeAllMemory();
    assertThatThrownBy(() -> admin.addClaims(stream, 1))
        .isInstanceOf(RedisOutageException.class)
        .hasMessageContaining("OOM");
  }
}
