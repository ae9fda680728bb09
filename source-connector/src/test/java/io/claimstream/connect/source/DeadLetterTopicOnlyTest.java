/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * With a dead letter topic and without {@code redis.failed.stream} only a record in Kafka holds a
 * dead letter: until it is there, the entry stays pending.
 */
class DeadLetterTopicOnlyTest {
  private static final String STREAM = "claims:events";
  private static final String GROUP = "claims-processors";
  private static final String FAILED = "claims:failed";
  private static final String TOPIC = "claims.failed";

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBadEntryIsAcknowledgedWhenKafkaHasItsDeadLetter(boolean exactlyOnce) {
    SimulatedConnect connect = new SimulatedConnect(redis, clock, exactlyOnce);
    String bad = addBad();
    List<String> good = add(2);
    SimulatedTask task = start(connect);

    task.poll();
    task.poll();
    assertThat(pending()).isEqualTo(3L);
    run(task);

    assertThat(connect.deadLetters()).containsExactly(bad);
    assertThat(connect.committed()).isEqualTo(good);
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anEntryWhoseRecordWasDroppedBeforeAStopBecomesADeadLetterAfterIt(boolean exactlyOnce) {
    SimulatedConnect connect = new SimulatedConnect(redis, clock, exactlyOnce);
    List<String> added = add(3);
    connect.drop(record -> isEvent(record, added.get(1)));
    SimulatedTask task = start(connect);
    task.poll();
    task.poll();

    task.stop();
    assertThat(pending()).isEqualTo(1L);
    run(start(connect));

    assertThat(connect.deadLetters()).containsExactly(added.get(1));
    assertThat(connect.committed()).containsExactly(added.get(0), added.get(2));
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anEntryWhoseRecordWasDroppedOutlivesACrashBeforeItsDeadLetterIsWritten(boolean exactlyOnce) {
    SimulatedConnect connect = new SimulatedConnect(redis, clock, exactlyOnce);
    List<String> added = add(3);
    connect.drop(record -> isEvent(record, added.get(1)));
    SimulatedTask task = start(connect);
    task.poll();
    task.poll();
    task.commit();
    task.tell();
    task.flush();
    task.poll(); // the dead letter is handed over, and the worker dies

    run(start(connect));

    assertThat(connect.deadLetters()).containsExactly(added.get(1));
    assertThat(connect.committed()).containsExactly(added.get(0), added.get(2));
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDroppedEntryIsADeadLetterOnceWhileTheTaskRuns(boolean exactlyOnce) {
    SimulatedConnect connect = new SimulatedConnect(redis, clock, exactlyOnce);
    List<String> added = add(3);
    connect.drop(record -> isEvent(record, added.get(1)));
    SimulatedTask task = start(connect);

    run(task);

    assertThat(connect.deadLetters()).containsExactly(added.get(1));
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "all"})
  void anEntryThatWasTriedTooOftenIsADeadLetterHoweverOftenThatWasTried(String tolerance) {
    SimulatedConnect connect = new SimulatedConnect(redis, clock, true);
    List<String> added = add(1);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "STREAMS", STREAM, ">");
    for (int i = 0; i < 7; i++) {
      redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "STREAMS", STREAM, "0");
    }

    run(start(connect, "errors.tolerance", tolerance));

    assertThat(connect.deadLetters()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theHealthyEntriesOfACrashAreNoDeadLetters(boolean exactlyOnce) {
    SimulatedConnect connect = new SimulatedConnect(redis, clock, exactlyOnce);
    List<String> added = add(3);
    SimulatedTask task = start(connect);
    task.poll();
    task.poll();
    task.commit(); // Kafka has them, and the worker dies before it says so

    run(start(connect));

    assertThat(connect.deadLetters()).isEmpty();
    assertThat(connect.committed()).containsSubsequence(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anEntryWhoseDeadLetterIsDroppedStaysPendingUntilATopicTakesIt(boolean exactlyOnce) {
    SimulatedConnect connect = new SimulatedConnect(redis, clock, exactlyOnce);
    String bad = addBad();
    List<String> good = add(1);
    connect.drop(DeadLetterTopicOnlyTest::isDeadLetter);
    SimulatedTask task = start(connect);
    run(task);
    assertThat(pending()).isEqualTo(1L);
    assertThat(task.hasFailed()).isFalse();
    List<String> later = add(2);
    run(task);
    assertThat(connect.committed()).containsExactly(good.get(0), later.get(0), later.get(1));

    // when the transform is still there after a restart
    task.stop();
    task = start(connect);
    run(task);
    assertThat(pending()).isEqualTo(1L);

    // and when it is not
    task.stop();
    connect.drop(record -> false);
    run(start(connect));
    assertThat(connect.deadLetters()).containsExactly(bad);
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anEntryWhoseDeadLetterIsDroppedIsMovedOnceThereIsAStreamForIt(boolean exactlyOnce) {
    SimulatedConnect connect = new SimulatedConnect(redis, clock, exactlyOnce);
    List<String> added = add(3);
    connect.drop(record -> isDeadLetter(record) || isEvent(record, added.get(1)));
    SimulatedTask task = start(connect);
    run(task);
    add(1); // with exactly-once support Connect tells of drops with the next record
    run(task);
    assertThat(pending()).isEqualTo(1L);

    task.stop();
    run(start(connect, "redis.failed.stream", FAILED));

    assertThat(redis.call("XLEN", FAILED)).isEqualTo(1L);
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDroppedDeadLetterIsNotRepeatedWhenTheConnectionBreaks(boolean exactlyOnce) {
    SimulatedConnect connect = new SimulatedConnect(redis, clock, exactlyOnce);
    addBad();
    add(1);
    connect.drop(DeadLetterTopicOnlyTest::isDeadLetter);
    SimulatedTask task = start(connect);
    run(task);
    redis.killConnections();
    clock.advance(Duration.ofSeconds(10));

    run(task);

    assertThat(pending()).isEqualTo(1L);
    assertThat(task.hasFailed()).isFalse();
  }

  private SimulatedTask start(SimulatedConnect connect, String... settings) {
    Map<String, String> connector = new HashMap<>();
    connector.put("name", "c");
    connector.put("redis.streams", STREAM);
    connector.put("redis.read.block.ms", "1");
    connector.put("event.format", "generic");
    connector.put("errors.tolerance", "all");
    connector.put("dropped.records", "dead-letter");
    connector.put("redis.failed.stream", "");
    connector.put("errors.deadletterqueue.topic.name", TOPIC);
    for (int i = 0; i < settings.length; i += 2) {
      connector.put(settings[i], settings[i + 1]);
    }
    return connect.start(connector, 1).get(0);
  }

  private List<String> add(int count) {
    List<String> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      added.add(add("claim_id", "CLM-" + i));
    }
    return added;
  }

  /** An entry with a field twice. */
  private String addBad() {
    return add("claim_id", "CLM-bad", "a", "1", "a", "2");
  }

  private String add(String... fields) {
    List<Object> command = new ArrayList<>(List.of(STREAM, "*"));
    command.addAll(List.of(fields));
    String id = Replies.text(redis.call("XADD", command.toArray()));
    clock.advance(Duration.ofMillis(5));
    return STREAM + "/" + id;
  }

  private static boolean isEvent(SourceRecord record, String entry) {
    return !isDeadLetter(record) && entry.equals(STREAM + "/" + record.sourceOffset().get("id"));
  }

  private static boolean isDeadLetter(SourceRecord record) {
    return record.topic().equals(TOPIC);
  }

  private static void run(SimulatedTask task) {
    for (int i = 0; i < 20; i++) {
      task.poll();
      task.commit();
      task.tell();
      task.flush();
    }
  }

  private Object pending() {
    return Replies.list(redis.call("XPENDING", STREAM, GROUP)).get(0);
  }
}
