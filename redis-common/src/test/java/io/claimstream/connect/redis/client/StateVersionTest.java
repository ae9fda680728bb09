/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.Version;
import io.claimstream.connect.redis.error.RedisConfigurationException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateVersionTest {

  @ParameterizedTest
  @ValueSource(strings = {"v2", "v2 ", "v10 1-0 5", "v2 with\nlines"})
  void aMarkOfANewerFormatIsRefusedWithItsVersionAndOurs(String value) {
    assertThat(StateVersion.isNewer(value)).isTrue();
    assertThatThrownBy(() -> StateVersion.parse("some:key", value, text -> "read"))
        .isInstanceOf(RedisConfigurationException.class)
        .hasMessageStartingWith("key some:key has state of format version ")
        .hasMessageContainingAll(Version.get(), "up to 1", "Install that version again");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1795750369138042 1", "3 0-0 - -", "-1 -1 -1", "v", "vv2", "v2x"})
  void otherValuesAreParsed(String value) {
    assertThat(StateVersion.isNewer(value)).isFalse();
    String read = StateVersion.parse("some:key", value, text -> "read " + text);
    assertThat(read).isEqualTo("read " + value);
  }

  @Test
  void aMissingValueIsParsed() {
    String read = StateVersion.parse("some:key", null, text -> text == null ? "none" : text);
    assertThat(read).isEqualTo("none");
  }

  @Test
  void aValueThatCannotBeParsedIsRefusedWithItsKey() {
    assertThatThrownBy(() -> StateVersion.parse("some:key", "x", Integer::valueOf))
        .isInstanceOf(RedisConfigurationException.class)
        .hasMessageContainingAll("key some:key ", "another program wrote it");
    assertThatThrownBy(() -> StateVersion.parse("some:key", "x", text -> List.of("x").get(1)))
        .isInstanceOf(RedisConfigurationException.class)
        .hasMessageContainingAll("key some:key ", "another program wrote it");
  }
}
