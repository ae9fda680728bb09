/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.lane.Lane;
import io.claimstream.connect.source.lane.SourcePartition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReplayRequestTest {
  private static final ConsumerGroup A = new ConsumerGroup("a", "g");
  private static final ConsumerGroup B = new ConsumerGroup("b", "g");

  private final Map<@Nullable Map<String, ?>, @Nullable Map<String, ?>> offsets = new HashMap<>();

  private static Map<String, String> partition(String stream, String consumer) {
    return new SourcePartition(new ConsumerGroup(stream, "g"), consumer).toMap();
  }

  private ReplayRequest parse(int lanesPerStream) {
    return ReplayRequest.parse(
        offsets,
        Lane.all(List.of("a", "b"), lanesPerStream).stream()
            .map(lane -> lane.partition("g", "c"))
            .toList());
  }

  private void isRefused(int lanesPerStream, String... words) {
    assertThatThrownBy(() -> parse(lanesPerStream))
        .isInstanceOf(ConnectException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void anIdMovesItsStreamAndNothingElse() {
    offsets.put(partition("a", "c-0"), Map.of("id", "5-1"));

    assertThat(parse(1).positions()).containsExactly(Map.entry(A, Optional.of(new EntryId(5, 1))));
  }

  @Test
  void anInstantMovesItsStreamToBeforeTheEntriesOfThatMillisecond() {
    offsets.put(partition("a", "c-0"), Map.of("id", "2024-08-20T10:30:00Z"));
    offsets.put(partition("a", "c-1"), Map.of("id", "1724149799999-18446744073709551615"));

    assertThat(parse(2).positions())
        .containsExactly(Map.entry(A, Optional.of(EntryId.parse("1724149800000-0").previous())));
  }

  @Test
  void aNullOffsetResetsItsStream() {
    offsets.put(partition("a", "c-0"), null);
    offsets.put(partition("b", "c-0"), null);

    assertThat(parse(1).positions())
        .containsOnly(Map.entry(A, Optional.empty()), Map.entry(B, Optional.empty()));
  }

  @Test
  void aResetWhereConnectHasNoOffsetsResetsAllStreams() {
    assertThat(parse(2).positions())
        .containsOnly(Map.entry(A, Optional.empty()), Map.entry(B, Optional.empty()));
  }

  @Test
  void aResetMayNameWhatTheConnectorNoLongerHas() {
    offsets.put(partition("a", "c-7"), null);
    offsets.put(partition("gone", "c-0"), null);
    offsets.put(Map.of("file", "x"), null);

    assertThat(parse(1).positions()).containsExactly(Map.entry(A, Optional.empty()));
  }

  @Test
  void anUnknownPartitionIsNamedTogetherWithTheKnownOnes() {
    offsets.put(partition("a", "somebody"), Map.of("id", "5-1"));

    isRefused(1, "no partition", "somebody", "consumer=c-0", "stream=b");
  }

  @Test
  void aPartitionWithOtherKeysIsRefused() {
    offsets.put(Map.of("topic", "t"), Map.of("id", "5-1"));

    isRefused(1, "stream, group and consumer", "topic");
  }

  @Test
  void anOffsetThatIsNoIdIsQuoted() {
    offsets.put(partition("a", "c-0"), Map.of("id", "yesterday"));

    isRefused(1, "stream=a", "'yesterday': it is neither a stream id nor an ISO-8601 instant");
  }

  @Test
  void anOffsetWithOtherKeysIsRefused() {
    offsets.put(partition("a", "c-0"), Map.of("position", "5-1"));

    isRefused(1, "only the key 'id'", "position");
  }

  @Test
  void allConsumersOfAStreamMustGetTheSameId() {
    offsets.put(partition("a", "c-0"), Map.of("id", "5-1"));
    isRefused(2, "all consumers of the stream must get the same id", "c-1");

    offsets.put(partition("a", "c-1"), Map.of("id", "6-1"));
    isRefused(2, "the same id");

    offsets.put(partition("a", "c-1"), Map.of("id", "5-1"));
    assertThat(parse(2).positions()).containsExactly(Map.entry(A, Optional.of(new EntryId(5, 1))));
  }

  @Test
  void aStreamIsEitherMovedOrReset() {
    offsets.put(partition("a", "c-0"), Map.of("id", "5-1"));
    offsets.put(partition("a", "c-1"), null);

    isRefused(
        2, "stream 'a'", "either set an id for all consumers of the stream or reset all of them");
  }
}
