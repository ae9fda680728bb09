/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.RecordedLog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class HandoverWatchTest {
  private final FakeClock clock = new FakeClock();
  private final RecordedLog recorded = new RecordedLog();
  private final List<String> lines = recorded.lines();
  private final HandoverWatch watch =
      new HandoverWatch(recorded.logger(), "claims-source", clock.steady());

  /** Checks every second, for the given number of seconds. */
  private void pass(long seconds) {
    for (long i = 0; i < seconds; i++) {
      clock.advance(Duration.ofSeconds(1));
      watch.check();
    }
  }

  private static List<SourceRecord> records(String topic, int count) {
    return IntStream.range(0, count).mapToObj(i -> record(topic)).toList();
  }

  private static SourceRecord record(String topic) {
    return new SourceRecord(Map.of(), Map.of(), topic, Schema.STRING_SCHEMA, "v");
  }

  @Test
  void recordsThatKafkaDoesNotConfirmAreReportedWithinSecondsWithTopicAndSettings() {
    watch.polling();
    watch.handedOver(records("claims.events", 3));

    pass(15);

    assertThat(lines).hasSize(1);
    assertThat(lines.get(0))
        .contains("claims-source", "none of 3 records", "[claims.events]")
        .contains("topic.creation.default.partitions", "auto.create.topics.enable")
        .as("what else holds the records up")
        .contains("schema registry");
  }

  @Test
  void anOngoingStallIsReportedOnceAMinute() {
    watch.handedOver(records("claims.events", 3));

    pass(130);

    assertThat(lines).hasSize(3);
  }

  @Test
  void aTaskThatIsPolledIsHealthyThoughNoRecordIsConfirmedYet() {
    for (int i = 0; i < 60; i++) {
      watch.polling();
      watch.handedOver(records("claims.events", 1));
      pass(1);
    }
    watch.polling();
    pass(60);
    watch.handedOver(null);
    pass(60);

    assertThat(lines).isEmpty();
  }

  @Test
  void recordsThatAreConfirmedOneByOneAreOnlySlow() {
    List<SourceRecord> records = records("claims.events", 60);
    watch.handedOver(records);
    for (SourceRecord record : records) {
      watch.confirmed(record);
      pass(1);
    }

    assertThat(lines).isEmpty();
  }

  @Test
  void ofManyTopicsAFewAreNamed() {
    watch.handedOver(IntStream.range(0, 100).mapToObj(i -> record("t" + i)).toList());

    pass(15);

    assertThat(lines.get(0)).contains("t0", "t4").doesNotContain("t5");
  }
}
