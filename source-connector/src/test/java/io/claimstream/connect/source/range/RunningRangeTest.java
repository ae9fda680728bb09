/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.range;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.redis.stream.EntryId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RunningRangeTest {
  private static final String STREAM = "claims:events";
  private static final RecordMetadata WRITTEN =
      new RecordMetadata(new TopicPartition("t", 0), 0, 0, 0, 0, 0);

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);

  /** Connect's offsets, by stream. */
  private final Map<String, EntryId> offsets = new HashMap<>();

  /** The topic: the ids of the records' entries, by stream. */
  private final Map<String, List<String>> emitted = new HashMap<>();

  @Test
  void emitsTheEntriesOfTheRangeAndThenIsIdle() throws InterruptedException {
    add("9-5", "10-0", "12-0", "20-3", "20-4");

    RunningRange range = start("redis.range.from", "10", "redis.range.to", "20-3");
    runUntilComplete(range);

    assertThat(emitted).containsOnly(Map.entry(STREAM, List.of("10-0", "12-0", "20-3")));
    assertThat(only(range).metrics().read().total()).isEqualTo(3);
    assertThat(only(range).metrics().produced().total()).isEqualTo(3);
    assertThat(range.poll()).isNull();
    assertThat(redis.openConnections()).isZero();
  }

  @Test
  void writesNothingAndNeedsNoConsumerGroup() throws InterruptedException {
    Set<String> used = new HashSet<>();
    add("1-0", "2-0");
    redis.between(command -> used.add(command.name()));

    runUntilComplete(start("redis.range.to", "1-0"));

    assertThat(used).containsOnly("XINFO", "TIME", "XREAD");
  }

  @Test
  void withoutAnEndItFollowsTheStream() throws InterruptedException {
    add("1-0");
    RunningRange range = start();
    run(range, 5);
    add("2-0");
    run(range, 5);

    assertThat(emitted.get(STREAM)).containsExactly("1-0", "2-0");
    assertThat(only(range).isComplete()).isFalse();
  }

  @Test
  void aRangeOfAQuietStreamIsCompleteWhenRedisClockHasPassedItsEnd() throws InterruptedException {
    String now = clock.instant().plusSeconds(5).toString();
    add("1-0");
    RunningRange range = start("redis.range.to", now);
    run(range, 5);
    assertThat(only(range).isComplete()).isFalse();

    redis.call("XADD", STREAM, "*", "f", "v");
    run(range, 5);
    clock.advance(Duration.ofSeconds(20));
    runUntilComplete(range);

    assertThat(emitted.get(STREAM)).hasSize(2);
  }

  @Test
  void aStreamThatDoesNotExistIsWaitedFor() throws InterruptedException {
    RunningRange range = start("redis.range.to", "5-0");
    clock.setBack(Duration.between(Instant.EPOCH, clock.instant()));
    run(range, 3);
    add("5-0", "6-0");
    runUntilComplete(range);

    assertThat(emitted.get(STREAM)).containsExactly("5-0");
  }

  @Test
  void onlyEntriesThatTheFilterAcceptsAreEmitted() throws InterruptedException {
    redis.call("XADD", STREAM, "1-0", "claim_id", "CLM-1", "type", "claim_paid");
    redis.call("XADD", STREAM, "2-0", "claim_id", "CLM-2", "type", "claim_paid");
    redis.call("XADD", STREAM, "3-0", "claim_id", "CLM-1", "type", "claim_filed");

    RunningRange range =
        start("redis.range.to", "3-0", "event.filter", "claim_id=CLM-1,type=claim_paid");
    runUntilComplete(range);

    assertThat(emitted.get(STREAM)).containsExactly("1-0");
    assertThat(only(range).metrics().filtered().total()).isEqualTo(2);
  }

  @Test
  void aBadEntryFailsTheTaskAfterTheEntriesBeforeIt() throws InterruptedException {
    add("1-0");
    redis.call("XADD", STREAM, "2-0", "a", "1", "a", "2");
    add("3-0");
    RunningRange range = start();

    commit(requireNonNull(range.poll()), range);

    assertThat(emitted.get(STREAM)).containsExactly("1-0");
    assertThatThrownBy(range::poll)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("2-0")
        .hasMessageContaining("errors.tolerance=all")
        .hasMessageContaining("PATCH");
  }

  @Test
  void aToleratedBadEntryIsCountedAndGoesToTheDeadLetterTopic() throws InterruptedException {
    redis.call("XADD", STREAM, "1-0", "a", "1", "a", "2");
    add("2-0");

    RunningRange range =
        start(
            "redis.range.to",
            "2-0",
            "errors.tolerance",
            "all",
            "errors.deadletterqueue.topic.name",
            "replayed.failed");
    List<SourceRecord> polled = requireNonNull(range.poll());

    assertThat(polled)
        .extracting(SourceRecord::topic)
        .containsExactly("replayed.failed", "replayed");
    assertThat(polled.get(0).headers().lastWithName("__connect.errors.offset").value())
        .isEqualTo("1-0");
    assertThat(only(range).metrics().deadLetters().total()).isEqualTo(1);
  }

  @Test
  void aRestartContinuesAfterConnectsOffset() throws InterruptedException {
    add("1-0", "2-0", "3-0");
    offsets.put(STREAM, EntryId.parse("2-0"));

    runUntilComplete(start("redis.range.to", "3-0"));

    assertThat(emitted.get(STREAM)).containsExactly("3-0");
  }

  @Test
  void anOffsetAtTheEndOfTheRangeLeavesNothingToRead() throws InterruptedException {
    offsets.put(STREAM, EntryId.parse("3-0"));

    runUntilComplete(start("redis.range.to", "3-0"));

    assertThat(emitted).isEmpty();
    assertThat(redis.openConnections()).isZero();
  }

  @Test
  void readingStopsAtTheLimitOfRecordsInFlightAndGoesOnBelowIt() throws InterruptedException {
    for (int i = 1; i <= 100; i++) {
      add(i + "-0");
    }
    RunningRange range = start("records.in.flight.max", "10");
    List<SourceRecord> held = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      List<SourceRecord> polled = range.poll();
      held.addAll(polled == null ? List.of() : polled);
    }
    assertThat(held).hasSizeBetween(10, 32);

    commit(held, range);
    run(range, 20);

    assertThat(emitted.get(STREAM)).hasSize(100).doesNotHaveDuplicates();
  }

  @Test
  void recordsThatConnectDroppedAreCountedAndDoNotHoldUpCompletion() throws InterruptedException {
    add("1-0");
    RunningRange range = start("redis.range.to", "1-0");

    requireNonNull(range.poll()).forEach(record -> range.commitRecord(record, null));
    runUntilComplete(range);

    assertThat(only(range).metrics().dropped().total()).isEqualTo(1);
  }

  @Test
  void entriesTrimmedBeforeTheyWereReadMakeTheRangeIncomplete() throws InterruptedException {
    add("1-0", "2-0", "3-0");
    redis.call("XTRIM", STREAM, "MINID", "=", "3-0");

    runUntilComplete(start("redis.range.to", "3-0"), true);

    assertThat(emitted.get(STREAM)).containsExactly("3-0");
  }

  @Test
  void crashesLostConnectionsAndRestartsLoseAndRepeatNothingUnderExactlyOnce()
      throws InterruptedException {
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("RunningRangeTest: -Dtest.seed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 50; i++) {
      oneRandomRun(random);
    }
  }

  private void oneRandomRun(Random random) throws InterruptedException {
    redis.flushAll();
    offsets.clear();
    emitted.clear();
    List<String> streams = List.of("a", "b", "c").subList(0, 1 + random.nextInt(3));
    Map<String, List<String>> expected = new HashMap<>();
    long from = random.nextInt(50);
    long to = from + random.nextInt(200);
    long next = 0;
    String[] settings = {
      "redis.streams", String.join(",", streams),
      "redis.range.from", Long.toString(from),
      "redis.range.to", Long.toString(to),
      "redis.read.count", Integer.toString(1 + random.nextInt(20))
    };
    RunningRange range = start(settings);
    boolean isDone = false;
    while (!isDone) {
      switch (random.nextInt(6)) {
        case 0 -> {
          for (int i = random.nextInt(30); i > 0; i--) {
            next++;
            String stream = streams.get(random.nextInt(streams.size()));
            redis.call("XADD", stream, next + "-0", "f", "v");
            if (next >= from && next <= to) {
              expected.computeIfAbsent(stream, s -> new ArrayList<>()).add(next + "-0");
            }
          }
        }
        case 1 -> redis.killConnections();
        case 2 -> { // the worker dies with its open transaction
          range.poll();
          range = start(settings);
        }
        case 3 -> {
          range.close();
          range = start(settings);
        }
        default -> {
          List<SourceRecord> polled = range.poll();
          if (polled != null) {
            commit(polled, range);
          }
          clock.advance(Duration.ofMillis(50));
        }
      }
      RunningRange now = range;
      if (next > to) {
        for (String stream : streams) {
          redis.call("XADD", stream, (next + 1) + "-0", "f", "v");
        }
        next++;
        isDone = now.readers().stream().allMatch(RangeReader::isComplete);
      }
    }
    List<SourceRecord> rest = range.poll();
    if (rest != null) {
      commit(rest, range);
    }
    range = start(settings); // what was polled and not committed comes again
    runUntilComplete(range);
    assertThat(emitted).isEqualTo(expected);
  }

  private void add(String... ids) {
    for (String id : ids) {
      redis.call("XADD", STREAM, id, "f", "v");
    }
  }

  private RunningRange start(String... settings) {
    Map<String, String> properties = new HashMap<>();
    properties.put("name", "replay");
    properties.put("topic", "replayed");
    properties.put("event.format", "generic");
    properties.put("errors.retry.delay.max.ms", "100");
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    properties.put(
        RangeSourceConfig.TASK_STREAMS, properties.getOrDefault("redis.streams", STREAM));
    return new RunningRange(
        new RangeSourceConfig(properties),
        redis,
        offsets,
        UnpublishedMetrics.task(),
        clock,
        Duration.ofMillis(1));
  }

  private static RangeReader only(RunningRange range) {
    assertThat(range.readers()).hasSize(1);
    return range.readers().get(0);
  }

  private void run(RunningRange range, int polls) throws InterruptedException {
    for (int i = 0; i < polls; i++) {
      List<SourceRecord> polled = range.poll();
      if (polled != null) {
        commit(polled, range);
      }
    }
  }

  private void runUntilComplete(RunningRange range) throws InterruptedException {
    runUntilComplete(range, false);
  }

  private void runUntilComplete(RunningRange range, boolean isIncomplete)
      throws InterruptedException {
    while (!range.readers().stream().allMatch(reader -> reader.metrics().isComplete())) {
      run(range, 1);
      clock.advance(Duration.ofMillis(50));
    }
    assertThat(range.readers()).allMatch(reader -> reader.isIncomplete() == isIncomplete);
  }

  /** Commits records with their offsets in one transaction. */
  private void commit(List<SourceRecord> polled, RunningRange range) {
    for (SourceRecord record : polled) {
      String stream = String.valueOf(record.sourcePartition().get("stream"));
      String id = String.valueOf(record.sourceOffset().get("id"));
      emitted.computeIfAbsent(stream, s -> new ArrayList<>()).add(id);
      offsets.put(stream, EntryId.parse(id));
      range.commitRecord(record, WRITTEN);
    }
  }
}
