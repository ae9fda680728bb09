/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.source.record.TopicTemplate;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamSelectionTest {

  private static StreamSelection selection(String pattern, String topic) {
    return new StreamSelection(
        StreamPattern.parse(pattern),
        "claims:failed",
        TopicTemplate.parse(topic),
        List.of("claims.letters", ""));
  }

  @Test
  void theDeadLetterStreamAndTheConnectorsOwnKeysAreNeverRead() {
    assertThat(
            selection("*", "${stream}")
                .select(
                    List.of("claims:failed", "claimstream:v1:epoch:{x}", "claims:b", "claims:a"),
                    List.of()))
        .containsExactly("claims:a", "claims:b");
  }

  @Test
  void aNameThatIsNoPrintableTextIsLeftOut() {
    assertThat(
            selection("*", "${stream}")
                .select(List.of("a\nb", "a\uFFFDb", " ", "ä:ö, ${file:/x:y}#3"), List.of()))
        .containsExactly("ä:ö, ${file:/x:y}#3");
  }

  @Test
  void ofTwoStreamsWhoseTopicsCollideTheOneThatIsReadAlreadyIsReadOn() {
    StreamSelection selection = selection("claims:*", "${stream}");

    assertThat(selection.select(List.of("claims:a:b", "claims:a_b"), List.of("claims:a_b")))
        .containsExactly("claims:a_b");
    assertThat(selection.select(List.of("claims:a:b", "claims:a_b"), List.of()))
        .containsExactly("claims:a:b");
    assertThat(selection.select(List.of("claims:a:b", "claims:a.b"), List.of()))
        .containsExactly("claims:a.b", "claims:a:b");
    assertThat(selection("claims:*", "all").select(List.of("claims:a:b", "claims:a_b"), List.of()))
        .hasSize(2);
  }

  @Test
  void aStreamWhoseTopicIsTheDeadLetterTopicOrKafkasOwnIsLeftOut() {
    assertThat(
            selection("*", "${stream}")
                .select(List.of("claims:letters", "__consumer_offsets", "ok"), List.of()))
        .containsExactly("ok");
  }

  @Test
  void aNameOfARequestIsIncludedIfThePatternWouldFindIt() {
    StreamSelection selection = selection("claims:*", "${stream}");

    assertThat(selection.includes("claims:gone")).isTrue();
    assertThat(selection.includes("claims:failed")).isFalse();
    assertThat(selection.includes("payments:x")).isFalse();
  }
}
