/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.consumers;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.consumers.ConsumersState.Doubt;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsumersStateTest {
  private static final ConsumersState NEW = ConsumersState.parse(null, 3);

  private static EntryId id(long millis) {
    return new EntryId(millis, 0);
  }

  private static Optional<EntryId> at(long millis) {
    return Optional.of(id(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3 - - -", "3 5-0 - -", "3 5-0 7-1 9-2", "3 - 7-1 9-2"})
  void theStateIsParsedFromItsText(String text) {
    assertThat(ConsumersState.parse(text, 1)).hasToString(text);
  }

  @Test
  void formerConsumersCountUntilTheyAreRecovered() {
    ConsumersState before = ConsumersState.parse("5 - - -", 2);

    assertThat(before.lanes()).isEqualTo(5);
    assertThat(ConsumersState.parse("2 - - -", 4).lanes()).isEqualTo(4);
    assertThat(before.withLanes(1).several()).isFalse();
  }

  @Test
  void anOffsetIsReliableUnlessItIsInDoubt() {
    // given a group that was read again from 5 on, when the stream ended at 20
    ConsumersState state = NEW.withOrigin(id(2)).withDoubt(new Doubt(id(5), id(20)));

    // then
    assertThat(NEW.certain(at(9))).isEqualTo(at(9));
    assertThat(state.certain(at(21))).isEqualTo(at(21));
    assertThat(state.certain(at(20))).isEqualTo(at(5));
    assertThat(state.certain(at(3))).isEqualTo(at(3));
  }

  @Test
  void aLaneWithoutAnOffsetHasReadNothingBelowTheOrigin() {
    assertThat(NEW.certain(Optional.empty())).isEmpty();
    assertThat(NEW.withOrigin(id(2)).certain(Optional.empty())).isEqualTo(at(2));
    assertThat(NEW.withOrigin(id(2)).withDoubt(new Doubt(id(5), id(20))).certain(Optional.empty()))
        .isEqualTo(at(2));
  }

  @Test
  void anOlderDoubtEndsWhenAllLanesArePastIt() {
    Doubt older = new Doubt(id(1), id(10));
    Doubt newer = new Doubt(id(15), id(30));

    assertThat(newer.with(Optional.of(older), List.of(at(11), at(20)))).isEqualTo(newer);
    assertThat(newer.with(Optional.of(older), List.of(at(11), at(10))))
        .isEqualTo(new Doubt(id(1), id(30)));
    assertThat(newer.with(Optional.of(older), List.of(at(11), Optional.empty())))
        .isEqualTo(new Doubt(id(1), id(30)));
  }

  @Test
  void entriesInDoubtAreEmittedAgain() {
    // given
    Doubt doubt = new Doubt(id(5), id(20));
    AckTracker before = new AckTracker(id(18));
    AckTracker after = new AckTracker(id(21));

    // when
    doubt.applyTo(before);
    doubt.applyTo(after);

    // then
    assertThat(before.lastEmitted()).isEqualTo(id(5));
    assertThat(after.lastEmitted()).isEqualTo(id(21));
  }
}
