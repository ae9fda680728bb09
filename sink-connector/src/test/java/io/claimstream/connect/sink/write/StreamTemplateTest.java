/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamTemplateTest {

  @Test
  void plainNameIsTheStreamOfEveryTopic() {
    StreamTemplate template = new StreamTemplate("claims:analytics");

    assertThat(template.hasTopic()).isFalse();
    assertThat(template.of("any")).isEqualTo("claims:analytics");
  }

  @Test
  void topicIsPutIn() {
    StreamTemplate template = new StreamTemplate("{claims}:${topic}");

    assertThat(template.hasTopic()).isTrue();
    assertThat(template.of("a.b")).isEqualTo("{claims}:a.b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "${stream}", "{}", "a{", "a}", "{a}{b}", "{a{b}}", "${topic"})
  void namesThatCannotBeUsedAreRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> new StreamTemplate(text));
  }
}
