/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamAppend;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;

class WriteLimitTest {

  @Test
  void asManyEntriesGoAsTheLimitSays() {
    assertThat(new WriteLimit(3, 1_000_000).first(appends(5, 10))).hasSize(3);
    assertThat(new WriteLimit(9, 1_000_000).first(appends(5, 10))).hasSize(5);
    assertThat(new WriteLimit(3, 1_000_000).first(List.of())).isEmpty();
  }

  @Test
  void noMoreBytesGoThanTheLimitSaysUnlessOneEntryHasThem() {
    assertThat(new WriteLimit(100, 5_000).first(appends(100, 1_000))).hasSize(4);
    assertThat(new WriteLimit(100, 5_000).first(appends(100, 10_000))).hasSize(1);
  }

  @Test
  void whatIsLeftOfTheBytesIsForOthers() {
    WriteLimit limit = new WriteLimit(100, 5_000);

    assertThat(limit.beside(appends(2, 1_000)).first(appends(100, 1_000))).hasSize(2);
    assertThat(limit.beside(appends(2, 1_000)).hasRoom()).isTrue();
    assertThat(limit.beside(appends(1, 10_000)).hasRoom()).isFalse();
  }

  private static List<StreamAppend> appends(int count, int bytes) {
    return IntStream.range(0, count).mapToObj(i -> append(i, bytes)).toList();
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static StreamAppend append(long offset, int bytes) {
    return StreamAppend.of(
        "claims:analytics",
        List.of(new byte[1], new byte[bytes]),
        new RecordOrigin(new TopicPartition("claims", 0), offset),
        new SinkRecord("claims", 0, null, null, null, "value", offset));
  }
}
