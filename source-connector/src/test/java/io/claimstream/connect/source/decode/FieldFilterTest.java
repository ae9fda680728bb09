/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldFilterTest {

  @Test
  void noPairsAcceptEveryEntry() {
    assertThat(accepts(List.of(), "claim_id", "CLM-1")).isTrue();
  }

  @Test
  void oneOfAFieldsValuesIsEnoughButEachFieldMustHaveOne() {
    List<String> filter = List.of("claim_id=CLM-1", "claim_id=CLM-2", "type=claim_paid");

    assertThat(accepts(filter, "claim_id", "CLM-2", "type", "claim_paid")).isTrue();
    assertThat(accepts(filter, "claim_id", "CLM-2", "type", "claim_filed")).isFalse();
    assertThat(accepts(filter, "claim_id", "CLM-3", "type", "claim_paid")).isFalse();
    assertThat(accepts(filter, "claim_id", "CLM-1")).isFalse();
  }

  @Test
  void aRepeatedFieldIsAcceptedByAnyOfItsValues() {
    assertThat(accepts(List.of("a=2"), "a", "1", "a", "2")).isTrue();
  }

  @Test
  void aValueMayContainAnEqualsSignOrBeEmpty() {
    assertThat(accepts(List.of("a=b=c"), "a", "b=c")).isTrue();
    assertThat(accepts(List.of("a="), "a", "")).isTrue();
    assertThat(accepts(List.of("a="), "a", "x")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"claim_id", "=CLM-1", " =x", ""})
  void aPairWithoutAFieldIsRefused(String pair) {
    assertThatThrownBy(() -> FieldFilter.parse(List.of(pair)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'" + pair + "' is not <field>=<value>");
  }

  private static boolean accepts(List<String> pairs, String... fields) {
    return FieldFilter.parse(pairs).accepts(StreamEntry.of(EntryId.ZERO, fields));
  }
}
