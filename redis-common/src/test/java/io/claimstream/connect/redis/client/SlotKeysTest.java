/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotKeysTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "claims:events",
        "claims:{eu}:events",
        "{eu}claims",
        "claims{events",
        "}claims{eu}",
        "{a}{b}",
        "schäden"
      })
  void keepsASiblingInTheSlotOfItsKey(String key) {
    String sibling = SlotKeys.sibling(key, "offsets", "connector-0");

    assertThat(SlotKeys.together(key, sibling)).as(sibling).isTrue();
    assertThat(sibling).isNotEqualTo(key).startsWith("claimstream:offsets:");
  }

  @Test
  void tellsPurposesNamesAndKeysApart() {
    assertThat(SlotKeys.sibling("k", "offsets", "n")).isEqualTo("claimstream:offsets:{k}:n");
    assertThat(SlotKeys.sibling("{k}:a", "offsets", "n"))
        .isNotEqualTo(SlotKeys.sibling("{k}:b", "offsets", "n"))
        .isNotEqualTo(SlotKeys.sibling("{k}:a", "fence", "n"))
        .isNotEqualTo(SlotKeys.sibling("{k}:a", "offsets", "m"));
  }

  @Test
  void knowsWhichKeysShareASlot() {
    assertThat(SlotKeys.together("claims:{eu}:events", "claims:{eu}:failed")).isTrue();
    assertThat(SlotKeys.together("claims:events", "claims:failed")).isFalse();
  }
}
