/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.range;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.fake.RecordedLog;
import io.claimstream.connect.redis.stream.EntryId;
import org.junit.jupiter.api.Test;

class MissingEntriesTest {
  private final RecordedLog log = new RecordedLog();

  @Test
  void nothingIsMissingInAStreamThatOnlyGrew() {
    MissingEntries missing = missing("0-0");

    missing.check(new StreamInfo(true, id("3-0"), id("1-0"), 3, 3), EntryId.ZERO, 2);
    missing.check(new StreamInfo(true, id("4-0"), id("1-0"), 4, 4), id("2-0"), 2);
    missing.check(new StreamInfo(true, id("4-0"), id("1-0"), 4, 4), id("4-0"), 0);

    assertThat(missing.isAny()).isFalse();
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void entriesTrimmedAfterTheyWereReadAreNotMissing() {
    MissingEntries missing = missing("0-0");

    missing.check(new StreamInfo(true, id("3-0"), id("1-0"), 3, 3), EntryId.ZERO, 3);
    missing.check(new StreamInfo(true, id("3-0"), null, 0, 3), id("3-0"), 0);
    missing.check(new StreamInfo(true, id("5-0"), id("4-0"), 2, 5), id("3-0"), 2);

    assertThat(missing.isAny()).isFalse();
  }

  @Test
  void entriesTrimmedBeforeTheFirstReadAreCounted() {
    MissingEntries missing = missing("0-0");

    missing.check(new StreamInfo(true, id("9-0"), id("8-0"), 2, 9), EntryId.ZERO, 2);
    missing.check(new StreamInfo(true, id("9-0"), id("8-0"), 2, 9), id("9-0"), 0);

    assertThat(missing.isAny()).isTrue();
    assertThat(log.lines())
        .singleElement()
        .asString()
        .contains("7 entries are missing between 0-0 and 8-0");
  }

  @Test
  void entriesTrimmedBetweenTwoReadsAreCounted() {
    MissingEntries missing = missing("0-0");

    missing.check(new StreamInfo(true, id("9-0"), id("1-0"), 9, 9), EntryId.ZERO, 2);
    missing.check(new StreamInfo(true, id("9-0"), id("7-0"), 3, 9), id("2-0"), 3);

    assertThat(log.lines())
        .singleElement()
        .asString()
        .contains("4 entries are missing between 2-0 and 7-0");
  }

  @Test
  void anEntryDeletedFromTheMiddleIsCountedAtTheEndOfTheStream() {
    MissingEntries missing = missing("0-0");

    missing.check(new StreamInfo(true, id("4-0"), id("1-0"), 3, 4), EntryId.ZERO, 3);
    missing.check(new StreamInfo(true, id("4-0"), id("1-0"), 3, 4), id("4-0"), 0);

    assertThat(missing.isAny()).isTrue();
    assertThat(log.lines()).singleElement().asString().contains("1 entries are missing");
  }

  @Test
  void aStreamTrimmedBeforeARangeThatBeginsLaterMayLackSomeOfIt() {
    MissingEntries missing = missing("5-0");

    missing.check(new StreamInfo(true, id("9-0"), id("7-0"), 3, 9), id("5-0").previous(), 3);

    assertThat(log.lines()).singleElement().asString().contains("Entries may be missing");
  }

  @Test
  void aStreamThatStillHasEntriesBeforeTheRangeLacksNothingOfIt() {
    MissingEntries missing = missing("5-0");

    missing.check(new StreamInfo(true, id("9-0"), id("3-0"), 7, 9), id("5-0").previous(), 5);

    assertThat(missing.isAny()).isFalse();
  }

  @Test
  void aStreamThatEndsBelowThePositionIsWaitedForAndReportedWhenItPassesIt() {
    MissingEntries missing = missing("0-0");

    missing.check(new StreamInfo(true, id("13-0"), id("1-0"), 13, 13), id("16-0"), 0);
    assertThat(missing.isBehind()).isTrue();
    assertThat(missing.isAny()).isFalse();

    missing.check(new StreamInfo(true, id("12-0"), id("1-0"), 12, 12), id("16-0"), 0);
    missing.check(new StreamInfo(true, id("17-0"), id("1-0"), 17, 17), id("16-0"), 1);

    assertThat(missing.isBehind()).isFalse();
    assertThat(missing.isAny()).isTrue();
    assertThat(log.lines()).hasSize(2);
    assertThat(log.lines().get(0)).contains("ends at 13-0, but it was read up to 16-0");
    assertThat(log.lines().get(1)).contains("has passed 16-0 again", "PATCH", "to 12-0");
  }

  @Test
  void aStreamThatHasNotReachedTheRangeYetIsNotBehind() {
    MissingEntries missing = missing("10-0");

    missing.check(new StreamInfo(true, id("3-0"), id("1-0"), 3, 3), id("10-0").previous(), 0);

    assertThat(missing.isBehind()).isFalse();
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void aStreamThatDoesNotExistIsReportedOnce() {
    MissingEntries missing = missing("0-0");
    StreamInfo none = StreamInfo.parse("s", new ErrorReply("ERR no such key"));

    missing.check(none, EntryId.ZERO, 0);
    missing.check(none, EntryId.ZERO, 0);

    assertThat(log.lines()).singleElement().asString().contains("does not exist", "redis.streams");
    assertThat(missing.isAny()).isFalse();
  }

  @Test
  void aServerThatCountsNoEntriesReportsNothing() {
    MissingEntries missing = missing("0-0");

    missing.check(
        new StreamInfo(true, id("9-0"), id("7-0"), 3, StreamInfo.UNKNOWN), EntryId.ZERO, 3);

    assertThat(missing.isAny()).isFalse();
  }

  private MissingEntries missing(String from) {
    return new MissingEntries(log.logger(), "s", new StreamRange(id(from), id("20-0")));
  }

  private static EntryId id(String text) {
    return EntryId.parse(text);
  }
}
