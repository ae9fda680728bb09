/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.source.group.ConsumerGroup;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamSamplerTest {
  private static final ErrorReply REFUSED =
      new ErrorReply("NOPERM this user has no permissions to run the 'info' command");

  private final StreamSampler sampler =
      new StreamSampler(new ConsumerGroup("claims:events", "claims-processors"));

  @Test
  void memoryTheUserMayNotSeeIsRequestedOnce() {
    assertThat(sampler.commands()).extracting(Command::name).contains("INFO");

    StreamSampler.Sample sample =
        sampler.sample(Arrays.asList(7L, List.of(), Arrays.asList(0L, null, null, null), REFUSED));

    assertThat(sample.memory()).isEmpty();
    assertThat(sampler.commands()).extracting(Command::name).doesNotContain("INFO");
    assertThat(sampler.sample(Arrays.asList(8L, List.of(), List.of())).length()).hasValue(8);
    assertThat(sampler.commands()).extracting(Command::name).doesNotContain("INFO");
  }
}
