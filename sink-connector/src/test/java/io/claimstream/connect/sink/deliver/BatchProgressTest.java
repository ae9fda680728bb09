/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.sink.write.Origin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class BatchProgressTest {
  private static final TopicPartition PARTITION = new TopicPartition("claims", 0);

  private final BatchProgress progress = new BatchProgress();

  @Test
  void offsetsOfPartitionsWithoutUndoneRecordsAreCommitted() {
    TopicPartition other = new TopicPartition("claims", 1);
    progress.undone(new Origin(PARTITION, 5));

    assertThat(
            progress.committable(
                Map.of(PARTITION, new OffsetAndMetadata(9), other, new OffsetAndMetadata(3))))
        .isEqualTo(Map.of(PARTITION, new OffsetAndMetadata(5), other, new OffsetAndMetadata(3)));
  }

  @Test
  void nothingIsCommittedThatConnectDidNotAskFor() {
    progress.undone(new Origin(PARTITION, 5));

    assertThat(progress.committable(Map.of())).isEmpty();
    assertThat(progress.committable(Map.of(PARTITION, new OffsetAndMetadata(4))))
        .isEqualTo(Map.of(PARTITION, new OffsetAndMetadata(4)));
  }

  @Test
  void finishedBatchIsForgotten() {
    progress.done(new Origin(PARTITION, 1));
    progress.finished();

    assertThat(progress.isDone(new Origin(PARTITION, 1))).isFalse();
  }

  @Test
  void randomFailuresNeverCommitAnUndoneRecordNorRepeatADoneOne() {
    String given = System.getProperty("test.seed", "");
    long seed = given.isEmpty() ? System.nanoTime() : Long.parseLong(given);
    System.out.println("BatchProgressTest: -Dtest.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      playOneBatch(random, "seed " + seed + " round " + round);
    }
  }

  private void playOneBatch(Random random, String trace) {
    List<Origin> batch = new ArrayList<>();
    for (int i = 1 + random.nextInt(40); i > 0; i--) {
      int partition = random.nextInt(3);
      batch.add(new Origin(new TopicPartition("claims", partition), batch.size()));
    }
    Map<Origin, Integer> appended = new HashMap<>();
    while (appended.size() < batch.size()) {
      progress.retry();
      for (Origin origin : batch) {
        if (progress.isDone(origin)) {
          continue;
        }
        if (random.nextInt(3) == 0) {
          progress.undone(origin);
        } else {
          appended.merge(origin, 1, Integer::sum);
          progress.done(origin);
        }
      }
      checkCommittable(batch, appended, trace);
    }
    assertThat(appended.values()).as(trace).containsOnly(1);
    progress.finished();
  }

  private void checkCommittable(List<Origin> batch, Map<Origin, Integer> appended, String trace) {
    Map<TopicPartition, OffsetAndMetadata> wanted = new HashMap<>();
    batch.forEach(o -> wanted.put(o.partition(), new OffsetAndMetadata(o.offset() + 1)));
    Map<TopicPartition, OffsetAndMetadata> committable = progress.committable(wanted);
    for (Origin origin : batch) {
      OffsetAndMetadata next = committable.get(origin.partition());
      boolean committed = next != null && origin.offset() < next.offset();
      assertThat(!committed || appended.containsKey(origin)).as(trace + " " + origin).isTrue();
    }
    if (appended.size() == batch.size()) {
      assertThat(committable).as(trace).isEqualTo(wanted);
    }
  }
}
