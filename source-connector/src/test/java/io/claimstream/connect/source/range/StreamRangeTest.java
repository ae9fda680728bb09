/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.range;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.stream.EntryId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamRangeTest {
  private static final String LAST = "18446744073709551615";

  @ParameterizedTest
  @CsvSource({
    "0, 0-0",
    "1724149800000, 1724149800000-0",
    "1724149800000-5, 1724149800000-5",
    "2024-08-20T10:30:00Z, 1724149800000-0",
    "1970-01-01T00:00:00Z, 0-0",
  })
  void theFirstIdIsPartOfTheRange(String text, String id) {
    assertThat(StreamRange.parseFrom(text)).hasToString(id);
  }

  @ParameterizedTest
  @CsvSource({
    "1724149800000, 1724149800000-" + LAST,
    "1724149800000-5, 1724149800000-5",
    "2024-08-20T10:30:00Z, 1724149800000-" + LAST,
    "2024-08-20T10:30:00.250Z, 1724149800250-" + LAST,
  })
  void aLastIdWithoutASequenceIncludesItsMillisecond(String text, String id) {
    assertThat(StreamRange.parseTo(text)).hasToString(id);
  }

  @Test
  void aRangeWithoutALastIdHasNoEnd() {
    StreamRange range = new StreamRange(EntryId.ZERO, StreamRange.parseTo(" "));

    assertThat(range.hasEnd()).isFalse();
    assertThat(range.endsAtOrAfter(EntryId.MAX)).isTrue();
    assertThat(range).hasToString("0-0 to the end of the stream");
  }

  @Test
  void secondsAndOtherTextsAreRefused() {
    assertThatThrownBy(() -> StreamRange.parseFrom("1724149800"))
        .hasMessageContaining("seconds since 1970");
    assertThatThrownBy(() -> StreamRange.parseTo("yesterday"))
        .hasMessageContaining("neither a stream id nor an ISO-8601 instant");
    assertThatThrownBy(() -> StreamRange.parseFrom("$"))
        .hasMessageContaining("neither a stream id nor an ISO-8601 instant");
  }
}
