/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.sink.error.BadRecord;
import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamAppend;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;

class PendingRecordsTest {
  private static final String STREAM = "claims:analytics";
  private static final TopicPartition FIRST = new TopicPartition("claims", 0);
  private static final TopicPartition SECOND = new TopicPartition("claims", 1);

  private final PendingRecords taken = new PendingRecords();

  @Test
  void offsetsOfPartitionsWithoutUndoneRecordsAreCommitted() {
    taken.take(List.of(append(FIRST, 5)), List.of());

    assertThat(
            taken.settled(
                Map.of(FIRST, new OffsetAndMetadata(9), SECOND, new OffsetAndMetadata(3))))
        .isEqualTo(Map.of(FIRST, 5L, SECOND, 3L));
  }

  @Test
  void nothingIsCommittedThatConnectDidNotAskFor() {
    taken.take(List.of(append(FIRST, 5)), List.of());

    assertThat(taken.settled(Map.of())).isEmpty();
    assertThat(taken.settled(Map.of(FIRST, new OffsetAndMetadata(4)))).isEqualTo(Map.of(FIRST, 4L));
  }

  @Test
  void partitionThatIsAnotherTasksIsForgotten() {
    taken.take(List.of(append(FIRST, 1), append(SECOND, 1)), List.of(bad(FIRST, 2)));

    taken.forget(List.of(FIRST));

    assertThat(taken.appends()).extracting(StreamAppend::origin).containsExactly(at(SECOND, 1));
    assertThat(taken.bad()).isEmpty();
  }

  @Test
  void whatIsSettledOfForgottenPartitionsLeavesTheOthersAlone() {
    taken.take(List.of(append(FIRST, 1), append(SECOND, 1)), List.of());
    taken.forget(List.of(FIRST));

    taken.settled(List.of(append(FIRST, 1)));

    assertThat(taken.appends()).extracting(StreamAppend::origin).containsExactly(at(SECOND, 1));
  }

  @Test
  void whateverIsDoneFirstNothingUndoneIsCommitted() {
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("PendingRecordsTest: -Dtest.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      playOneBatch(random, "seed " + seed + " round " + round);
    }
  }

  private void playOneBatch(Random random, String trace) {
    Set<RecordOrigin> undone = new HashSet<>();
    List<StreamAppend> appends = new ArrayList<>();
    List<BadRecord> bad = new ArrayList<>();
    Map<TopicPartition, OffsetAndMetadata> wanted = new HashMap<>();
    for (int i = 1 + random.nextInt(40); i > 0; i--) {
      TopicPartition partition = random.nextBoolean() ? FIRST : SECOND;
      long offset = 100L - i;
      undone.add(at(partition, offset));
      wanted.put(partition, new OffsetAndMetadata(offset + 1));
      if (random.nextInt(5) > 0) {
        appends.add(append(partition, offset));
      } else {
        bad.add(bad(partition, offset));
      }
    }
    taken.take(appends, bad);
    while (!taken.isEmpty()) {
      List<StreamAppend> settled = new ArrayList<>(taken.appends());
      settled.removeIf(append -> random.nextInt(3) > 0);
      Collections.shuffle(settled, random);
      taken.settled(settled);
      settled.forEach(append -> undone.remove(append.origin()));
      if (!taken.bad().isEmpty() && random.nextBoolean()) {
        undone.remove(taken.bad().get(0).origin());
        taken.deadLettered(1);
      }
      taken
          .settled(wanted)
          .forEach(
              (partition, next) ->
                  assertThat(undone)
                      .as(trace)
                      .noneMatch(o -> o.partition().equals(partition) && o.offset() < next));
    }
    Map<TopicPartition, Long> all = new HashMap<>();
    wanted.forEach((partition, next) -> all.put(partition, next.offset()));
    assertThat(taken.settled(wanted)).as(trace).isEqualTo(all);
    assertThat(undone).as(trace).isEmpty();
  }

  private static RecordOrigin at(TopicPartition partition, long offset) {
    return new RecordOrigin(partition, offset);
  }

  private static StreamAppend append(TopicPartition partition, long offset) {
    return StreamAppend.of(STREAM, List.of(), at(partition, offset), record(partition, offset));
  }

  private static BadRecord bad(TopicPartition partition, long offset) {
    return new BadRecord(record(partition, offset), STREAM, new DataException("is bad"));
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord record(TopicPartition partition, long offset) {
    return new SinkRecord(
        partition.topic(), partition.partition(), null, null, null, "value", offset);
  }
}
