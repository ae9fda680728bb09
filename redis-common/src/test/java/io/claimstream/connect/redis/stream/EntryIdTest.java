/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntryIdTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"0-0", "1724149800000-3", "18446744073709551615-18446744073709551615", "7-0"})
  void readsWhatItWrites(String text) {
    assertThat(EntryId.parse(text)).hasToString(text);
  }

  @Test
  void readsMillisecondsAloneAsTheirFirstEntry() {
    assertThat(EntryId.parse("1724149800000")).isEqualTo(new EntryId(1724149800000L, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "-", "*", "$", "1-", "-1", "1-2-3", "1.5-0", "18446744073709551616-0"})
  void quotesWhatIsNoId(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EntryId.parse(text))
        .withMessageContaining("'" + text + "'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0-0",
        "1724149800000-7",
        "999999999999999999-999999999999999999",
        "1000000000000000000-1",
        "9223372036854775808-9223372036854775808",
        "18446744073709551615-18446744073709551615",
        "1724149800000",
        "007-08"
      })
  void bytesMeanWhatTheirTextMeans(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);

    assertThat(EntryId.parse(bytes)).isEqualTo(EntryId.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-", "1-", "-1", "1-2-3", "1.5-0", "1- 2", "18446744073709551616-0"})
  void bytesThatAreNoIdAreQuoted(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> EntryId.parse(bytes))
        .withMessageContaining("'" + text + "'");
  }

  @Test
  void ordersAsRedisDoesWithUnsignedNumbers() {
    assertThat(
            Stream.of(
                    EntryId.MAX,
                    new EntryId(Long.MIN_VALUE, 0),
                    new EntryId(5, -1L),
                    new EntryId(5, 10),
                    new EntryId(6, 0),
                    new EntryId(5, 9),
                    EntryId.ZERO)
                .sorted())
        .containsExactly(
            EntryId.ZERO,
            new EntryId(5, 9),
            new EntryId(5, 10),
            new EntryId(5, -1L),
            new EntryId(6, 0),
            new EntryId(Long.MIN_VALUE, 0),
            EntryId.MAX);
  }

  @Test
  void isAfterOnlyWhatIsBelow() {
    EntryId id = new EntryId(5, 1);

    assertThat(id.isAfter(new EntryId(5, 0))).isTrue();
    assertThat(id.isAfter(id)).isFalse();
    assertThat(id.isAfter(new EntryId(5, 2))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0-0", "5-3", "5-18446744073709551615", "9223372036854775807-0"})
  void previousUndoesNext(String text) {
    EntryId id = EntryId.parse(text);

    assertThat(id.next().isAfter(id)).isTrue();
    assertThat(id.next().previous()).isEqualTo(id);
  }

  @Test
  void carriesBetweenSequenceAndMilliseconds() {
    assertThat(new EntryId(5, -1L).next()).isEqualTo(new EntryId(6, 0));
    assertThat(new EntryId(6, 0).previous()).isEqualTo(new EntryId(5, -1L));
  }

  @Test
  void endsAtBothEnds() {
    assertThatExceptionOfType(ArithmeticException.class).isThrownBy(EntryId.MAX::next);
    assertThatExceptionOfType(ArithmeticException.class).isThrownBy(EntryId.ZERO::previous);
  }

  @Test
  void idsOfABatchHaveDifferentHashCodes() {
    // given 20,000 entries that were appended within 50 ms
    List<EntryId> batch =
        LongStream.range(0, 20_000)
            .mapToObj(n -> new EntryId(1_724_149_800_000L + n / 400, n % 400))
            .toList();

    // then
    assertThat(batch.stream().map(EntryId::hashCode)).doesNotHaveDuplicates();
  }

  @Test
  void beginsAnInstantWithSequenceZero() {
    assertThat(EntryId.at(Instant.ofEpochMilli(1724149800000L))).hasToString("1724149800000-0");
  }
}
