/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StoredOffsetTest {

  @Test
  void whateverIsWrittenCanBeRead() {
    // timestamps in nanoseconds, and the maximum offset
    StoredOffset nanoseconds = new StoredOffset(41, 1_764_489_600_000_000_000L, 7);
    StoredOffset last = StoredOffset.before(Long.MAX_VALUE);

    assertThat(StoredOffset.parse(nanoseconds.toString())).contains(nanoseconds);
    assertThat(StoredOffset.parse(last.toString())).contains(last);
  }

  @Test
  void valueThatWouldNotBeWrittenBackTheSameIsAnotherPrograms() {
    // the script compares texts: no call would ever expect this one
    assertThat(StoredOffset.parse("007 -1 -1")).isEmpty();
    assertThat(StoredOffset.parse("7 05 -1")).isEmpty();
    assertThat(StoredOffset.parse("7 9999999999999999999 -1")).isEmpty();
  }
}
