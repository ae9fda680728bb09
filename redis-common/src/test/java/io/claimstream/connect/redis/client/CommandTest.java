/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandTest {

  @Test
  void showsItsKeyButNeverAValue() {
    Command command = Command.of("XADD", "claims:events", "*", "claim_id", "secret");

    assertThat(command).hasToString("XADD claims:events");
    assertThat(Command.of("PING")).hasToString("PING");
  }

  @Test
  void takesBytesAsTheyAreAndTextAsUtf8() {
    byte[] binary = {0, (byte) 0xff, 13, 10};

    Command command =
        Command.of("XADD", "schäden", new EntryId(5, 1)).add(binary).addAll(List.of(7L, "x"));

    assertThat(command.name()).isEqualTo("XADD");
    assertThat(command.arguments())
        .containsExactly(
            "schäden".getBytes(UTF_8),
            "5-1".getBytes(UTF_8),
            binary,
            "7".getBytes(UTF_8),
            "x".getBytes(UTF_8));
  }
}
