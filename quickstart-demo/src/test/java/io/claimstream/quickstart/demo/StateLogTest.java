/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateLogTest {
  private static final String TRACE =
      "org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded\n\tat a.B.c(B.java:7)\n"
          + "Caused by: org.apache.kafka.connect.errors.DataException: no claim_id\n\t... 9 more";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final StateLog log =
      new StateLog(
          new Terminal(
              new PrintStream(bytes, true, StandardCharsets.UTF_8), true, true, () -> 200));
  private long now;

  private void after(Duration time) {
    now += time.toNanos();
  }

  private List<String> lines() {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static TaskState task(String state, String trace) {
    return new TaskState("claims-source", "task 0", state, trace);
  }

  @Test
  void aFailedTaskIsRedWithTheFirstLineOfItsTraceAndTheCause() {
    log.tasks(List.of(task("RUNNING", "")));
    log.tasks(List.of(task("FAILED", TRACE)));
    log.tasks(List.of(task("FAILED", TRACE)));

    assertThat(lines())
        .containsExactly(
            "\u001b[31mclaims-source task 0 FAILED:"
                + " org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded (caused by"
                + " org.apache.kafka.connect.errors.DataException: no claim_id)\u001b[0m");
    assertThat(log.alert(now)).isEqualTo("claims-source task 0 FAILED");
  }

  @Test
  void aTaskThatRunsAgainIsReported() {
    log.tasks(List.of(task("FAILED", TRACE)));
    log.tasks(List.of(task("RUNNING", "")));

    assertThat(lines()).containsExactly("\u001b[32mclaims-source task 0 is RUNNING again\u001b[0m");
    assertThat(log.alert(now)).isNull();
  }

  @Test
  void reportsAnOutageOnceWithItsLength() {
    for (int second = 0; second < 5; second++) {
      log.server("Redis", false, now);
      after(Duration.ofSeconds(1));
    }
    assertThat(log.alert(now)).isEqualTo("Redis unavailable for 5 s");
    log.server("Redis", true, now);

    assertThat(lines())
        .containsExactly(
            "\u001b[31mRedis does not reply\u001b[0m",
            "\u001b[32mRedis is available again after 5.0 s\u001b[0m");
    assertThat(log.alert(now)).isNull();
  }

  @Test
  void aServerThatEndsTogetherWithTheDemoIsNoOutage() {
    log.server("Redis", false, now);
    after(Duration.ofMillis(500));
    log.server("Redis", false, now);

    assertThat(lines()).isEmpty();
    assertThat(log.alert(now)).isNull();
  }
}
