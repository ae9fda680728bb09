/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicTemplateTest {

  @ParameterizedTest
  @CsvSource({
    "${stream}, claims:events, a, claims.events",
    "x.${stream}.${type}, claims:events, claim/paid, x.claims.events.claim.paid",
    "fixed, s, t, fixed",
    "${stream}, :, t, _",
    "${stream}, ::, t, __",
  })
  void theTopicIsLegalWhateverTheStreamAndTypeAre(
      String template, String stream, String type, String topic) {
    assertThat(TopicTemplate.parse(template).topic(stream, type)).isEqualTo(topic);
  }

  @Test
  void aTopicIsNeverLongerThanKafkaAllows() {
    assertThat(TopicTemplate.parse("${stream}").topic("s".repeat(400), "")).hasSize(249);
  }

  @Test
  void anUnknownVariableAndAnEmptyTemplateAreRefused() {
    assertThatThrownBy(() -> TopicTemplate.parse("${table}"))
        .hasMessageContaining("${stream} and ${type}");
    assertThatThrownBy(() -> TopicTemplate.parse(" ")).hasMessageContaining("empty");
  }
}
