/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.group.ConsumerGroup;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LaneTest {

  @Test
  void lanesAreAssignedEvenlyAndNoTaskIsIdle() {
    // given
    List<Lane> lanes = Lane.all(List.of("a", "b", "c"), 2);

    // when, then
    assertThat(Lane.assign(lanes, 2)).extracting(List::size).containsExactly(3, 3);
    assertThat(Lane.assign(lanes, 4)).extracting(List::size).containsExactly(2, 2, 1, 1);
    assertThat(Lane.assign(lanes, 100)).hasSize(6);
    assertThat(Lane.assign(lanes, 4).stream().flatMap(List::stream))
        .containsExactlyInAnyOrderElementsOf(lanes);
  }

  @Test
  void aLaneIsParsedFromItsText() {
    Lane lane = new Lane("odd#name:{1}", 3);

    assertThat(Lane.parse(lane.toString())).isEqualTo(lane);
    assertThat(lane.consumer("claims-source")).isEqualTo("claims-source-3");
    assertThatThrownBy(() -> Lane.parse("nothing"))
        .hasMessageContaining("'nothing' is not a consumer of a stream");
  }

  @Test
  void theOrderOfAPartitionsKeysIsThatOfConnectsRestApi() {
    // given the map that Connect's REST API builds from JSON in any order
    Map<String, String> rest = new HashMap<>();
    rest.put("group", "g");
    rest.put("consumer", "c");
    rest.put("stream", "s");

    // when
    Map<String, String> ours = new SourcePartition(new ConsumerGroup("s", "g"), "c").toMap();

    // then: Connect compares the bytes of their JSON
    assertThat(List.copyOf(ours.entrySet())).isEqualTo(List.copyOf(rest.entrySet()));
  }

  @Test
  void anOffsetMayBeAnInstantFromWhichReadingGoesOn() {
    assertThat(SourceOffset.parse(Map.of("id", "2024-08-20T10:30:00Z")).id())
        .isEqualTo(EntryId.parse("1724149800000-0").previous());
    assertThat(SourceOffset.parse(Map.of("id", "2024-08-20T12:30:00+02:00")).id())
        .isEqualTo(EntryId.parse("1724149800000-0").previous());
    assertThat(SourceOffset.parse(Map.of("id", "1970-01-01T00:00:00Z")).id())
        .isEqualTo(EntryId.ZERO);
    assertThatThrownBy(() -> SourceOffset.parse(Map.of("id", "1724149800")))
        .hasMessageContaining("looks like seconds since 1970")
        .hasMessageContaining("1724149800000");
  }

  @Test
  void partitionsAndOffsetsOfTheRestApiAreReadStrictly() {
    Map<String, Object> extra =
        new LinkedHashMap<>(new SourcePartition(new ConsumerGroup("s", "g"), "c").toMap());
    extra.put("topic", "t");

    assertThat(SourcePartition.parse(new SourcePartition(new ConsumerGroup("s", "g"), "c").toMap()))
        .isEqualTo(new SourcePartition(new ConsumerGroup("s", "g"), "c"));
    assertThatThrownBy(() -> SourcePartition.parse(extra)).hasMessageContaining("topic");
    assertThatThrownBy(() -> SourcePartition.parse(null)).hasMessageContaining("null");
    assertThat(SourceOffset.parse(Map.of("id", "5-1")))
        .isEqualTo(new SourceOffset(EntryId.parse("5-1"), 0));
    assertThat(SourceOffset.parse(new SourceOffset(EntryId.parse("5-1"), 7).toMap()))
        .isEqualTo(new SourceOffset(EntryId.parse("5-1"), 7));
    assertThatThrownBy(() -> SourceOffset.parse(Map.of("id", "5-1", "epoch", "seven")))
        .hasMessageContaining("'epoch' of an offset must be a whole number");
    assertThatThrownBy(() -> SourceOffset.parse(Map.of("id", 5)))
        .hasMessageContaining("must be a string");
    assertThatThrownBy(() -> SourceOffset.parse(Map.of("id", "five")))
        .hasMessageContaining("'five': it is neither a stream id nor an ISO-8601 instant");
    assertThatThrownBy(() -> SourceOffset.parse(Map.of("position", "5-1")))
        .hasMessageContaining("position");
  }

  @Test
  void aNameThatMeansSomethingInATasksConfigurationIsKept() {
    for (String name : List.of("a,b", "${file:/x:y}", "100%", "a%2Cb", "a#1", "%24")) {
      Lane lane = new Lane(name, 3);

      assertThat(Lane.parse(lane.toString())).isEqualTo(lane);
      assertThat(lane.toString()).doesNotContain(",", "$");
    }
  }
}
