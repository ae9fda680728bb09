/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadSizeTest {
  private final ReadSize size = new ReadSize(2_000);

  @Test
  void smallEntriesAreReadInFullReadsAfterAFew() {
    int reads = 0;
    while (size.count() < 2_000) {
      size.received(entries(size.count(), 160));
      reads++;
    }

    assertThat(reads).isLessThanOrEqualTo(7);
    size.received(entries(2_000, 160));
    assertThat(size.count()).isEqualTo(2_000);
  }

  @Test
  void largeEntriesStayWithinTheBytesOfAReply() {
    for (int read = 0; read < 20; read++) {
      size.received(entries(size.count(), 300_000));
      assertThat(size.count() * 300_000L).isLessThanOrEqualTo(2 * ReadSize.BYTES);
    }

    assertThat(size.count()).isEqualTo(13);
  }

  @Test
  void entryAboveTheLimitIsReadAlone() {
    size.received(entries(size.count(), 10_000_000));

    assertThat(size.count()).isEqualTo(1);
  }

  @Test
  void replyThatIsNotFullDoesNotLetTheCountGrow() {
    size.received(entries(3, 160));

    assertThat(size.count()).isEqualTo(16);
  }

  @Test
  void lostReplyHalvesTheCountAndFullOnesBringItBack() {
    while (size.count() < 2_000) {
      size.received(entries(size.count(), 160));
    }

    for (int loss = 0; loss < 20; loss++) {
      size.lost();
    }
    assertThat(size.count()).isEqualTo(1);

    for (int read = 0; read < 11; read++) {
      size.received(entries(size.count(), 160));
    }
    assertThat(size.count()).isEqualTo(2_000);
  }

  @Test
  void userCanAllowLess() {
    assertThat(new ReadSize(1).count()).isEqualTo(1);
  }

  private static List<StreamEntry> entries(int count, int bytes) {
    return Collections.nCopies(count, StreamEntry.of(EntryId.MAX, "f", "x".repeat(bytes - 1)));
  }
}
