/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class StreamEntryTest {
  private static final EntryId ID = new EntryId(1, 0);

  @Test
  void keepsOrderAndRepeatedNames() {
    StreamEntry entry = StreamEntry.of(ID, "note", "a", "note", "ü");

    assertThat(entry.size()).isEqualTo(2);
    assertThat(entry.name(0)).isEqualTo(entry.name(1)).isEqualTo("note".getBytes(UTF_8));
    assertThat(entry.value(0)).isEqualTo("a".getBytes(UTF_8));
    assertThat(entry.value(1)).isEqualTo("ü".getBytes(UTF_8));
    assertThat(entry.isTrimmed()).isFalse();
  }

  @Test
  void recognizesATrimmedEntry() {
    StreamEntry trimmed = StreamEntry.trimmed(ID);

    assertThat(trimmed.isTrimmed()).isTrue();
    assertThat(trimmed.id()).isEqualTo(ID);
    assertThat(trimmed.size()).isZero();
  }

  @Test
  void refusesANameWithoutValue() {
    assertThatIllegalArgumentException().isThrownBy(() -> StreamEntry.of(ID, "name"));
  }
}
