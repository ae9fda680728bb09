/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.read.RecentEntries.Match;
import org.junit.jupiter.api.Test;

class RecentEntriesTest {
  private static EntryId id(long n) {
    return new EntryId(n, 0);
  }

  private static StreamEntry entry(long n, String content) {
    return StreamEntry.of(id(n), "f", content);
  }

  @Test
  void anEntryIsTheSameByIdAndContent() {
    RecentEntries recent = new RecentEntries();
    for (long n = 1; n <= 1_000; n++) {
      recent.add(entry(2 * n, "v" + n));
    }

    assertThat(recent.match(entry(2, "v1"))).isEqualTo(Match.SAME);
    assertThat(recent.match(entry(2_000, "v1000"))).isEqualTo(Match.SAME);
    assertThat(recent.match(entry(1_000, "w"))).isEqualTo(Match.OTHER);
    assertThat(recent.match(entry(1_001, "v500"))).isEqualTo(Match.UNKNOWN);
    assertThat(recent.match(entry(2_002, "v"))).isEqualTo(Match.UNKNOWN);
  }

  @Test
  void aLongValueThatDiffersInOneByteIsOtherContent() {
    // given
    String value = "v".repeat(100_000);
    RecentEntries recent = new RecentEntries();
    recent.add(entry(1, value + "a"));
    recent.add(entry(2, value + "b"));

    // then
    assertThat(recent.match(entry(1, value + "a"))).isEqualTo(Match.SAME);
    assertThat(recent.match(entry(2, value + "b"))).isEqualTo(Match.SAME);
    assertThat(recent.match(entry(2, value + "a"))).isEqualTo(Match.OTHER);
    assertThat(recent.match(entry(1, "a" + value))).isEqualTo(Match.OTHER);
  }

  @Test
  void theOldestAreDroppedAndTheHorizonFollows() {
    // given
    RecentEntries recent = new RecentEntries(3);
    recent.begin(id(0));
    assertThat(recent.horizon()).isEqualTo(id(0));

    // when
    for (long n = 1; n <= 5; n++) {
      recent.add(entry(n, "v"));
    }

    // then
    assertThat(recent.horizon()).isEqualTo(id(2));
    assertThat(recent.match(entry(2, "v"))).isEqualTo(Match.UNKNOWN);
    assertThat(recent.match(entry(3, "v"))).isEqualTo(Match.SAME);
    assertThat(recent.match(entry(5, "v"))).isEqualTo(Match.SAME);
  }

  @Test
  void goingBackRemovesLaterEntriesWhichAreAddedAgain() {
    // given
    RecentEntries recent = new RecentEntries(4);
    recent.begin(id(2));
    for (long n = 3; n <= 8; n++) {
      recent.add(entry(n, "v"));
    }

    // when
    recent.backTo(id(6));
    recent.add(entry(7, "w"));

    // then
    assertThat(recent.match(entry(6, "v"))).isEqualTo(Match.SAME);
    assertThat(recent.match(entry(7, "w"))).isEqualTo(Match.SAME);
    assertThat(recent.match(entry(8, "v"))).isEqualTo(Match.UNKNOWN);
    recent.backTo(id(1));
    assertThat(recent.horizon()).isEqualTo(id(1));
  }

  @Test
  void entriesThatAreReadOnceMoreChangeNothing() {
    RecentEntries recent = new RecentEntries();
    recent.add(entry(1, "v"));
    recent.add(entry(3, "v"));

    recent.add(entry(1, "v"));
    recent.add(entry(2, "v"));

    assertThat(recent.match(entry(1, "v"))).isEqualTo(Match.SAME);
    assertThat(recent.match(entry(2, "v"))).isEqualTo(Match.UNKNOWN);
    assertThat(recent.match(entry(3, "v"))).isEqualTo(Match.SAME);
  }

  @Test
  void anotherEntryWithAKnownIdTakesItsPlace() {
    RecentEntries recent = new RecentEntries();
    recent.add(entry(1, "v"));
    recent.add(entry(2, "v"));
    recent.add(entry(3, "v"));

    recent.add(entry(2, "w"));

    assertThat(recent.match(entry(1, "v"))).isEqualTo(Match.SAME);
    assertThat(recent.match(entry(2, "w"))).isEqualTo(Match.SAME);
    assertThat(recent.match(entry(3, "v"))).isEqualTo(Match.UNKNOWN);
  }

  @Test
  void entriesThatOthersMayHaveReadAreUnknown() {
    RecentEntries recent = new RecentEntries();
    recent.begin(id(5));

    recent.sharedUpTo(id(9));

    assertThat(recent.horizon()).isEqualTo(id(9));
    assertThat(recent.shared()).isEqualTo(id(9));
  }
}
