/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class DropPolicyTest {
  private OptionalDouble failures = OptionalDouble.of(3);

  private DropPolicy policy(boolean tolerant, DroppedRecords choice) {
    return new DropPolicy(tolerant, choice, () -> failures);
  }

  @Test
  void onlyAFilterDropsRecordsWhereErrorsAreNotTolerated() {
    DropPolicy policy = policy(false, DroppedRecords.DEAD_LETTER);

    assertThat(policy.isFailure(policy.failuresNow())).isFalse();
  }

  @Test
  void aDropWithoutAFailureSinceIsAttributedToAFilter() {
    DropPolicy policy = policy(true, DroppedRecords.AUTO);

    assertThat(policy.isFailure(policy.failuresNow())).isFalse();
  }

  @Test
  void aDropAfterAFailureCountsAsAFailure() {
    DropPolicy policy = policy(true, DroppedRecords.AUTO);
    double before = policy.failuresNow();

    failures = OptionalDouble.of(4);

    assertThat(policy.isFailure(before)).isTrue();
  }

  @Test
  void aDropCountsAsAFailureIfTheWorkerPublishesNoCount() {
    DropPolicy policy = policy(true, DroppedRecords.AUTO);
    failures = OptionalDouble.empty();

    assertThat(policy.isFailure(policy.failuresNow())).isTrue();
    failures = OptionalDouble.of(3);
    assertThat(policy.isFailure(Double.NaN)).isTrue();
  }

  @Test
  void theUserMayDecideForAllOfThem() {
    assertThat(policy(true, DroppedRecords.DEAD_LETTER).isFailure(3)).isTrue();
    assertThat(policy(true, DroppedRecords.ACKNOWLEDGE).isFailure(2)).isFalse();
  }
}
