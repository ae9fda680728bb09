/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.sink.deliver.Durability;
import io.claimstream.stack.ConnectRest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Redis comes back with less than it acknowledged. The sink notices, goes back in Kafka to the
 * stored offset, and appends the missing records: each once, in the order of its partition.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SinkForgetfulRedisIT extends SinkTestBase {
  private static final int PARTITIONS = 3;
  private static final Pattern NUMBER = Pattern.compile("(?<!\\w)\\d+(?!\\w)");

  /** Records that Redis still has when it comes back; a number that stands out in a log line. */
  private static final int KEPT = 137;

  /** Records that it acknowledged. */
  private static final int ALL = 318;

  /** Records that Kafka no longer has. */
  private static final int DELETED = 179;

  SinkForgetfulRedisIT(Stack stack) {
    super(stack, PARTITIONS);
  }

  @Test
  void aFailoverToALaggingReplicaUnderLoadLosesNothing() {
    // given a replica that lags
    ReplicatedRedis servers =
        use(new ReplicatedRedis(stack.directory(Stack.unique("forgetful-sentinel"))));
    start(SMALL_BATCHES);
    int records;
    int[] stored;
    int lost;
    try (NumberedLoad load = new NumberedLoad(topic, PARTITIONS, 30, Duration.ofMillis(10))) {
      arrived(1_000);
      servers.cutReplication();
      List<StreamEntry> kept = entriesOn(servers.replica().uri());
      stored = lastOffsets(kept);
      lost = arrived(kept.size() + 1_000).size() - kept.size();

      // when
      servers.failOver();
      awaitGrowth(load);
      records = load.stop();
    }

    // then
    assertEachRecordOnceAndInOrder("failover under load, " + lost + " forgotten", records);
    assertRunning();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      assertThat(logged("WARN", partition, stored[partition]))
          .as("warnings of partition %d, stored offset %d", partition, stored[partition])
          .hasSize(1);
    }
  }

  @Test
  void aFailoverToALaggingReplicaIsRepairedWithoutFurtherRecords() {
    // given a replica without the last records, which are appended and committed
    RedisPair servers = use(new RedisPair(stack.directory(Stack.unique("forgetful-pair"))));
    start();
    topic.produceTo(1, values(0, KEPT));
    arrived(KEPT);
    try (Redis master = servers.open()) {
      assertThat(master.call("WAIT", 1, 10_000)).isEqualTo(1L);
    }
    servers.cutReplication();
    topic.produceTo(1, values(KEPT, ALL));
    arrived(ALL);
    awaitCommitted();

    // when
    servers.failOver();

    // then
    assertThat(numbers(arrived(ALL))).isEqualTo(numbers(0, ALL));
    assertRunning();
    assertThat(logged("WARN", 1, KEPT - 1, ALL - 1, ALL - KEPT)).hasSize(1);
    assertAppendsNothingTwice();
  }

  @Test
  void withAReplicaToWaitForNothingIsCommittedThatAFailoverLoses() throws Exception {
    // given a replica without the last records, which are appended
    RedisPair servers = use(new RedisPair(stack.directory(Stack.unique("forgetful-pair"))));
    start(Durability.REPLICAS, "1");
    topic.produceTo(1, values(0, KEPT));
    arrived(KEPT);
    awaitCommitted();
    servers.cutReplication();
    topic.produceTo(1, values(KEPT, ALL));
    arrived(ALL);

    // when Connect commits
    String held = "0 of 1 replicas have them. " + Durability.REPLICAS + " holds them back";
    await().atMost(PATIENCE).until(() -> !stack.log(" WARN ", stream, held).isEmpty());

    // then
    assertThat(committed(1)).isEqualTo(KEPT);
    servers.failOver();
    assertThat(numbers(arrived(ALL))).isEqualTo(numbers(0, ALL));
    assertThat(committed(1)).isEqualTo(KEPT);
    servers.formerMasterFollows();
    awaitCommitted();
    assertRunning();
    assertAppendsNothingTwice();
  }

  @Test
  void anAppendOnlyFileIsWaitedForWhereRedisCanAndRefusedWhereItCannot() {
    ForgetfulRedis server = forgetful(); // which keeps one
    boolean canWait;
    try (Redis redis = server.open()) {
      canWait = Replies.list(redis.call("COMMAND", "INFO", "WAITAOF")).get(0) != null;
    }

    if (canWait) {
      start(Durability.AOF, "true");
      topic.produceTo(1, values(0, KEPT));
      arrived(KEPT);
      awaitCommitted();
      assertRunning();
    } else {
      assertThatThrownBy(() -> start(Durability.AOF, "true"))
          .hasMessageContaining("does not support WAITAOF");
    }
  }

  @Test
  void aRedisRestoredWhileTheConnectorIsStoppedIsRepairedWhenItResumes() {
    // given
    ForgetfulRedis server = forgetful();
    start(SMALL_BATCHES);
    deliver(server);
    stack.connect().stop(connector);
    awaitState("STOPPED");

    // when
    server.kill();
    server.startAsRemembered();
    assertThat(server.length(stream)).isEqualTo(KEPT);
    stack.connect().resume(connector);

    // then
    assertThat(numbers(arrived(ALL))).isEqualTo(numbers(0, ALL));
    stack.connect().awaitRunning(connector, PATIENCE);
    assertThat(logged("WARN", 1, KEPT - 1, ALL - 1, ALL - KEPT)).hasSize(1);
    assertAppendsNothingTwice();
  }

  @Test
  void anEmptiedRedisFailsTheTaskAndARestartGoesOnFromTheCommittedOffset() {
    // given
    ForgetfulRedis server = forgetful();
    start();
    deliver(server);

    // when
    flush(server);
    String trace = awaitFailure();

    // then
    assertNamesBothWays(trace);
    stack.connect().restart(connector);
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // a rebalance has no status
        .untilAsserted(this::assertRunning); // its status says FAILED for a moment
    topic.produceTo(1, values(ALL, ALL + 10));
    assertThat(numbers(arrived(10))).isEqualTo(numbers(ALL, ALL + 10));
  }

  @Test
  void anEmptiedRedisGetsEverythingAgainAfterTheOffsetsArePatched() {
    // given
    ForgetfulRedis server = forgetful();
    start();
    deliver(server);
    flush(server);
    assertNamesBothWays(awaitFailure());

    // when
    stack.connect().stop(connector);
    awaitState("STOPPED");
    moveOffset(1, 0);
    stack.connect().resume(connector);

    // then
    assertThat(numbers(arrived(ALL))).isEqualTo(numbers(0, ALL));
    stack.connect().awaitRunning(connector, PATIENCE);
    assertAppendsNothingTwice();
  }

  @Test
  void recordsThatKafkaNoLongerHasAreReportedAndTheRestIsAppended() throws Exception {
    // given a Redis without the last records, and a topic without the first of those
    ForgetfulRedis server = forgetful();
    start();
    deliver(server);
    server.kill();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", topic.bootstrapServers()))) {
      admin
          .deleteRecords(
              Map.of(new TopicPartition(topic.name(), 1), RecordsToDelete.beforeOffset(DELETED)))
          .all()
          .get();
    }

    // when
    server.startAsRemembered();

    // then
    List<String> left = numbers(0, KEPT);
    left.addAll(numbers(DELETED, ALL));
    assertThat(numbers(arrived(left.size()))).isEqualTo(left);
    assertRunning();
    assertThat(logged("ERROR", 1, KEPT, DELETED - 1, DELETED - KEPT)).hasSize(1);
    topic.produceTo(1, values(ALL, ALL + 10));
    left.addAll(numbers(ALL, ALL + 10));
    assertThat(numbers(arrived(left.size()))).isEqualTo(left);
  }

  private ForgetfulRedis forgetful() {
    return use(new ForgetfulRedis(stack.directory(Stack.unique("forgetful"))));
  }

  /** Delivers and commits records of one partition; the server remembers the first of them. */
  private void deliver(ForgetfulRedis server) {
    topic.produceTo(1, values(0, KEPT));
    arrived(KEPT);
    server.rememberAll();
    topic.produceTo(1, values(KEPT, ALL));
    assertThat(numbers(arrived(ALL))).isEqualTo(numbers(0, ALL));
    awaitCommitted();
  }

  private static List<byte[]> values(int from, int to) {
    return IntStream.range(from, to).mapToObj(SinkTestBase::numbered).toList();
  }

  private static void flush(ForgetfulRedis server) {
    try (Redis redis = server.open()) {
      redis.call("FLUSHALL");
    }
  }

  private List<StreamEntry> entriesOn(String uri) {
    try (Redis redis = new Redis(uri)) {
      return redis.entries(stream);
    }
  }

  /** The last offset of each partition among the entries of a {@link NumberedLoad}. */
  private static int[] lastOffsets(List<StreamEntry> entries) {
    int[] offsets = new int[PARTITIONS];
    for (String text : numbers(entries)) {
      int number = Integer.parseInt(text);
      offsets[number % PARTITIONS] = number / PARTITIONS;
    }
    return offsets;
  }

  /** Waits until the load has written some more records. */
  private static void awaitGrowth(NumberedLoad load) {
    int now = load.written();
    await().atMost(PATIENCE).until(() -> load.written() >= now + 1_000);
  }

  /** Restarts the connector and delivers further records: nothing else comes. */
  private void assertAppendsNothingTwice() {
    stack.connect().restart(connector);
    stack.connect().awaitRunning(connector, PATIENCE);
    topic.produceTo(1, values(ALL, ALL + 10));
    assertThat(numbers(arrived(ALL + 10))).isEqualTo(numbers(0, ALL + 10));
  }

  private void assertNamesBothWays(String trace) {
    assertThat(trace)
        .contains(topic.name(), "PATCH /connectors/" + connector + "/offsets", "kafka_offset")
        .containsIgnoringCase("restart");
  }

  /** Lines of the worker's log at this level that name the partition and all these numbers. */
  private List<String> logged(String level, int partition, int... numbers) {
    String name = topic.name() + "-" + partition;
    List<String> wanted = IntStream.of(numbers).mapToObj(String::valueOf).toList();
    return stack.log(" " + level + " ", name).stream()
        .filter(line -> numbersOf(line, level, name).containsAll(wanted))
        .toList();
  }

  private static Set<String> numbersOf(String line, String level, String name) {
    String message = line.substring(line.indexOf(level)).replace(name, "");
    return NUMBER.matcher(message).results().map(MatchResult::group).collect(Collectors.toSet());
  }

  /** Retries until the tasks have left the consumer group: Connect does not wait for that. */
  private void moveOffset(int partition, long next) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode entry = body.putArray("offsets").addObject();
    entry.putObject("partition").put("kafka_topic", topic.name()).put("kafka_partition", partition);
    entry.putObject("offset").put("kafka_offset", next);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              ConnectRest.Response response =
                  stack.connect().request("PATCH", "/connectors/" + connector + "/offsets", body);
              assertThat(response.isSuccess()).as(response.body().toString()).isTrue();
            });
  }
}
