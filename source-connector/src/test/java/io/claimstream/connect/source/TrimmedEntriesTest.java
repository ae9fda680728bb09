/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries that were trimmed before any consumer read them. */
class TrimmedEntriesTest extends Scenario {
  private static final String TRIMMED = "entries-trimmed-total";

  private static double trimmed(List<SimulatedTask> tasks) {
    return tasks.stream().mapToDouble(task -> task.total(TRIMMED)).sum();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void areCountedOnceByARedisThatCountsThemAsRead(int consumers) {
    // given consumers that have read all entries
    redis.countTrimmedAsRead();
    List<String> arrived = new ArrayList<>(add(10));
    List<SimulatedTask> tasks =
        startTasks(consumers, "redis.consumers.per.stream", Integer.toString(consumers));
    SimulatedTask[] all = tasks.toArray(SimulatedTask[]::new);
    run(all);

    // when entries come and go unread, twice
    add(25);
    arrived.addAll(add(5));
    redis.call("XTRIM", STREAM, "MAXLEN", 5);
    run(all);
    add(3);
    arrived.addAll(add(1));
    redis.call("XTRIM", STREAM, "MAXLEN", 1);
    run(all);

    // then
    assertThat(connect.committed()).containsExactlyInAnyOrderElementsOf(arrived);
    assertThat(trimmed(tasks)).isEqualTo(28);
  }

  @Test
  void areCountedOnceByARedisThatKeepsThemInTheLag() {
    add(10);
    List<SimulatedTask> tasks = startTasks(3, "redis.consumers.per.stream", "3");
    SimulatedTask[] all = tasks.toArray(SimulatedTask[]::new);
    run(all);

    add(30);
    redis.call("XTRIM", STREAM, "MAXLEN", 5);
    run(all);

    assertThat(trimmed(tasks)).isEqualTo(25);
  }

  @Test
  void areNotCountedAgainWhenRedisCorrectsItsCount() {
    // given trimmed entries that the lag has shown
    add(10);
    SimulatedTask task = start();
    run(task);
    add(30);
    redis.call("XTRIM", STREAM, "MAXLEN", 5);
    run(task);
    assertThat(task.total(TRIMMED)).isEqualTo(25);

    // when one more is deleted, after which Redis 7 counts from the end of the stream
    List<String> more = add(3);
    redis.call("XDEL", STREAM, id(more.get(1)));
    run(task);

    // then
    assertThat(task.total(TRIMMED)).isEqualTo(26);
  }

  @Test
  void areNotThoseThatAnotherProgramRead() {
    // given another program in the group
    redis.countTrimmedAsRead();
    add(10);
    SimulatedTask task = start();
    run(task);

    // when it reads, and what it has read is trimmed
    add(20);
    redis.call("XREADGROUP", "GROUP", GROUP, "other", "COUNT", 15, "STREAMS", STREAM, ">");
    redis.call("XTRIM", STREAM, "MAXLEN", 5);
    run(task);

    // then
    assertThat(connect.committed()).hasSize(15);
    assertThat(task.total(TRIMMED)).isZero();
  }

  @Test
  void areNotThoseThatTheGroupWasMovedOver() {
    redis.countTrimmedAsRead();
    add(10);
    SimulatedTask task = start();
    run(task);

    add(5);
    redis.call("XGROUP", "SETID", STREAM, GROUP, "$");
    add(1);
    run(task);

    assertThat(task.total(TRIMMED)).isZero();
  }
}
