/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ScalarTextTest {

  @Test
  void timestampsAreWhatTheJdkMakesOfThem() {
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("ScalarTextTest: -Dtest.seed=" + seed);
    Random random = new Random(seed);

    LongStream special =
        LongStream.of(
            0,
            -1,
            999,
            1_000,
            Instant.parse("0000-01-01T00:00:00Z").toEpochMilli(),
            Instant.parse("0000-01-01T00:00:00Z").toEpochMilli() - 1,
            Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli(),
            Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli() + 1);
    LongStream anyTime = LongStream.generate(() -> random.nextLong() >> random.nextInt(40));
    LongStream.concat(special, anyTime.limit(20_000))
        .forEach(
            millis ->
                assertThat(ScalarText.timestamp(millis))
                    .isEqualTo(Instant.ofEpochMilli(millis).toString()));
  }
}
