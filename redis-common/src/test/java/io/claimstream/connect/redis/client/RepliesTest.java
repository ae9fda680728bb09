/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepliesTest {
  private static final List<Object> LIVING =
      List.of(bytes("5-1"), List.of(bytes("claim_id"), bytes("C-1")));
  private static final List<Object> TRIMMED = Arrays.asList(bytes("5-0"), null);

  @Test
  void passesOnWhatIsNoError() {
    assertThat(Replies.checked(7L, "XLEN k")).isEqualTo(7L);
    assertThat(Replies.checked(null, "GET k")).isNull();
  }

  @Test
  void throwsWhatAnErrorMeans() {
    assertThatExceptionOfType(RedisOutageException.class)
        .isThrownBy(() -> Replies.checked(new ErrorReply("LOADING wait"), "XLEN k"))
        .withMessageContaining("XLEN k");
    assertThatExceptionOfType(RedisConfigurationException.class)
        .isThrownBy(() -> Replies.checked(new ErrorReply("WRONGTYPE no stream"), "XREADGROUP k"));
  }

  @Test
  void readsTextAndIds() {
    assertThat(Replies.text(bytes("schäden"))).isEqualTo("schäden");
    assertThat(Replies.text(null)).isNull();
    assertThat(Replies.id(bytes("5-1"))).isEqualTo(new EntryId(5, 1));
  }

  @Test
  void takesANullArrayAsAnEmptyOne() {
    assertThat(Replies.list(null)).isEmpty();
    assertThat(Replies.entries(null)).isEmpty();
    assertThat(Replies.entriesOfOneStream(null)).isEmpty();
    assertThat(Replies.map(null)).isEmpty();
  }

  @Test
  void readsNamesAndValuesInOrder() {
    assertThat(Replies.map(Arrays.asList(bytes("lag"), null, bytes("pending"), 3L)))
        .containsExactly(
            org.assertj.core.api.Assertions.entry("lag", null),
            org.assertj.core.api.Assertions.entry("pending", 3L));
  }

  @Test
  void readsEntriesAndRecognizesTrimmedOnes() {
    List<StreamEntry> entries = Replies.entries(List.of(TRIMMED, LIVING));

    assertThat(entries).extracting(StreamEntry::id).containsExactly(id("5-0"), id("5-1"));
    assertThat(entries).extracting(StreamEntry::isTrimmed).containsExactly(true, false);
    assertThat(entries.get(1).value(0)).isEqualTo(bytes("C-1"));
  }

  @Test
  void readsTheEntriesOfASingleStream() {
    List<Object> reply = List.of(List.of(bytes("claims:events"), List.of(LIVING)));

    assertThat(Replies.entriesOfOneStream(reply))
        .extracting(StreamEntry::id)
        .containsExactly(id("5-1"));
  }

  @Test
  void refusesAnEntryWithoutId() {
    assertThatIllegalStateException()
        .isThrownBy(() -> Replies.entries(List.of(Arrays.asList(null, null))));
  }

  @Test
  void takesTheFirstWordOfAnErrorAsItsCode() {
    assertThat(new ErrorReply("BUSYGROUP Consumer Group name already exists").code())
        .isEqualTo("BUSYGROUP");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static EntryId id(String text) {
    return EntryId.parse(text);
  }
}
