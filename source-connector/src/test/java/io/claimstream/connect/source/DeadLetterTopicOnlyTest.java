/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A dead letter topic without {@code redis.failed.stream}: only a record in Kafka holds a dead
 * letter, and the entry stays pending until the record is there.
 */
class DeadLetterTopicOnlyTest extends Scenario {
  private static final String TOPIC = "claims.failed";

  DeadLetterTopicOnlyTest() {
    super(
        "errors.tolerance",
        "all",
        "dropped.records",
        "dead-letter",
        "redis.failed.stream",
        "",
        "errors.deadletterqueue.topic.name",
        TOPIC);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBadEntryIsAcknowledgedWhenKafkaHasItsDeadLetter(boolean exactlyOnce) {
    withExactlyOnce(exactlyOnce);
    String bad = addBad();
    List<String> good = add(2);
    SimulatedTask task = start();

    poll(task, 2);
    assertThat(pending()).isEqualTo(3L);
    run(task);

    assertThat(connect.deadLetters()).containsExactly(bad);
    assertThat(connect.committed()).isEqualTo(good);
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anEntryWhoseRecordWasDroppedBeforeAStopBecomesADeadLetterAfterIt(boolean exactlyOnce) {
    withExactlyOnce(exactlyOnce);
    List<String> added = add(3);
    connect.drop(record -> isEvent(record, added.get(1)));
    SimulatedTask task = start();
    poll(task, 2);

    task.stop();
    assertThat(pending()).isEqualTo(1L);
    run(start());

    assertThat(connect.deadLetters()).containsExactly(added.get(1));
    assertThat(connect.committed()).containsExactly(added.get(0), added.get(2));
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anEntryWhoseRecordWasDroppedOutlivesACrashBeforeItsDeadLetterIsWritten(boolean exactlyOnce) {
    withExactlyOnce(exactlyOnce);
    List<String> added = add(3);
    connect.drop(record -> isEvent(record, added.get(1)));
    SimulatedTask task = start();
    task.poll();
    task.turn();
    task.poll(); // the dead letter is handed over, and the worker dies

    run(start());

    assertThat(connect.deadLetters()).containsExactly(added.get(1));
    assertThat(connect.committed()).containsExactly(added.get(0), added.get(2));
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDroppedEntryIsADeadLetterOnceWhileTheTaskRuns(boolean exactlyOnce) {
    withExactlyOnce(exactlyOnce);
    List<String> added = add(3);
    connect.drop(record -> isEvent(record, added.get(1)));
    SimulatedTask task = start();

    run(task);

    assertThat(connect.deadLetters()).containsExactly(added.get(1));
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "all"})
  void anEntryThatWasTriedTooOftenIsADeadLetterHoweverOftenThatWasTried(String tolerance) {
    List<String> added = add(1);
    giveTo("c-0");
    redeliver("c-0", "0", 7);

    run(start("errors.tolerance", tolerance));

    assertThat(connect.deadLetters()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theHealthyEntriesOfACrashAreNoDeadLetters(boolean exactlyOnce) {
    withExactlyOnce(exactlyOnce);
    List<String> added = add(3);
    SimulatedTask task = start();
    poll(task, 2);
    task.commit(); // Kafka has them, and the worker dies before it says so

    run(start());

    assertThat(connect.deadLetters()).isEmpty();
    assertThat(connect.committed()).containsSubsequence(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anEntryWhoseDeadLetterIsDroppedStaysPendingUntilATopicTakesIt(boolean exactlyOnce) {
    withExactlyOnce(exactlyOnce);
    String bad = addBad();
    List<String> good = add(1);
    connect.drop(DeadLetterTopicOnlyTest::isDeadLetter);
    SimulatedTask task = start();
    run(task);
    assertThat(pending()).isEqualTo(1L);
    assertThat(task.hasFailed()).isFalse();
    List<String> later = add(2);
    run(task);
    assertThat(connect.committed()).containsExactly(good.get(0), later.get(0), later.get(1));

    // when the transform is still there after a restart
    task.stop();
    task = start();
    run(task);
    assertThat(pending()).isEqualTo(1L);

    // and when it is not
    task.stop();
    connect.drop(record -> false);
    run(start());
    assertThat(connect.deadLetters()).containsExactly(bad);
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anEntryWhoseDeadLetterIsDroppedIsMovedOnceThereIsAStreamForIt(boolean exactlyOnce) {
    withExactlyOnce(exactlyOnce);
    List<String> added = add(3);
    connect.drop(record -> isDeadLetter(record) || isEvent(record, added.get(1)));
    SimulatedTask task = start();
    run(task);
    add(1); // with exactly-once support Connect reports drops with the next record
    run(task);
    assertThat(pending()).isEqualTo(1L);

    task.stop();
    run(start("redis.failed.stream", FAILED));

    assertThat(failed()).isEqualTo(1L);
    assertThat(pending()).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDroppedDeadLetterIsNotRepeatedWhenTheConnectionBreaks(boolean exactlyOnce) {
    withExactlyOnce(exactlyOnce);
    addBad();
    add(1);
    connect.drop(DeadLetterTopicOnlyTest::isDeadLetter);
    SimulatedTask task = start();
    run(task);
    redis.killConnections();
    clock.advance(Duration.ofSeconds(10));

    run(task);

    assertThat(pending()).isEqualTo(1L);
    assertThat(task.hasFailed()).isFalse();
  }

  private static boolean isEvent(SourceRecord record, String entry) {
    return !isDeadLetter(record) && entry.equals(STREAM + "/" + record.sourceOffset().get("id"));
  }

  private static boolean isDeadLetter(SourceRecord record) {
    return record.topic().equals(TOPIC);
  }
}
