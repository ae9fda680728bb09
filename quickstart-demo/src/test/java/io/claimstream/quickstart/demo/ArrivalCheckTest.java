/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.quickstart.demo.ArrivalCheck.Arrivals;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ArrivalCheckTest {
  private static final EntryId FIRST = new EntryId(1_000, 0);
  private static final EntryId SECOND = new EntryId(1_000, 1);
  private static final EntryId THIRD = new EntryId(1_002, 0);

  private final ArrivalCheck check = new ArrivalCheck();

  @Test
  void isExactlyOnceWhenEachEntryArrivesOnceInAnyOrder() {
    check.produced(List.of(FIRST, SECOND, THIRD));

    List.of(THIRD, FIRST, SECOND).forEach(id -> check.arrived(id, true));

    assertThat(check.arrivals()).isEqualTo(new Arrivals(3, 3, 3, 0, 0, 0, List.of()));
    assertThat(check.arrivals().exactlyOnce()).isTrue();
  }

  @Test
  void namesAMissingEntry() {
    check.produced(List.of(FIRST, SECOND, THIRD));

    check.arrived(FIRST, true);
    check.arrived(THIRD, true);

    assertThat(check.arrivals().missing()).isEqualTo(1);
    assertThat(check.arrivals().missingExamples()).containsExactly(SECOND);
    assertThat(check.arrivals().exactlyOnce()).isFalse();
  }

  @Test
  void countsADuplicateAndDoesNotTakeItForAMissingEntry() {
    check.produced(List.of(FIRST, SECOND));

    check.arrived(FIRST, true);
    check.arrived(FIRST, true);

    assertThat(check.arrivals().duplicates()).isEqualTo(1);
    assertThat(check.arrivals().missing()).isEqualTo(1);
    assertThat(check.arrivals().exactlyOnce()).isFalse();
  }

  @Test
  void countsARecordOfAnEntryThatWasNotProduced() {
    check.produced(List.of(FIRST, THIRD));

    check.arrived(FIRST, true);
    check.arrived(SECOND, true);
    check.arrived(THIRD, true);
    check.arrived(new EntryId(2_000, 0), true);

    assertThat(check.arrivals().unexpected()).isEqualTo(2);
    assertThat(check.arrivals().missing()).isZero();
    assertThat(check.arrivals().exactlyOnce()).isFalse();
  }

  @Test
  void knowsARecordThatIsFasterThanTheReplyToItsProducer() {
    check.produced(List.of(FIRST));

    check.arrived(SECOND, true);
    check.arrived(FIRST, true);
    check.produced(List.of(SECOND, THIRD));
    check.arrived(THIRD, true);

    assertThat(check.arrivals().exactlyOnce()).isTrue();
  }

  @Test
  void countsADuplicateThatIsFasterThanTheReplyToItsProducer() {
    check.arrived(FIRST, true);
    check.arrived(FIRST, true);
    check.produced(List.of(FIRST));

    assertThat(check.arrivals()).isEqualTo(new Arrivals(1, 2, 1, 1, 0, 0, List.of()));
  }

  @Test
  void countsARecordUnderAnotherKey() {
    check.produced(List.of(FIRST));

    check.arrived(FIRST, false);

    assertThat(check.arrivals().wrongKeys()).isEqualTo(1);
    assertThat(check.arrivals().exactlyOnce()).isFalse();
  }

  @Test
  void stillCountsDuplicatesAfterItHasLetGoOfOldEntries() {
    long many = 9_000_000;
    LongStream.rangeClosed(1, many)
        .mapToObj(millis -> new EntryId(millis, 0))
        .forEach(
            id -> {
              check.produced(List.of(id));
              check.arrived(id, true);
            });

    check.arrived(new EntryId(1, 0), true);
    check.arrived(new EntryId(many, 0), true);

    assertThat(check.arrivals()).isEqualTo(new Arrivals(many, many + 2, many, 2, 0, 0, List.of()));
  }
}
