/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.sink.RedisStreamSinkConfig;
import io.claimstream.connect.source.RedisStreamSourceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigReferenceTest {

  @Test
  void theReferenceInTheRepositoryIsWhatTheConnectorsDeclare() throws IOException {
    assertThat(Files.readString(Path.of("CONFIG.md")))
        .as("docs/CONFIG.md is out of date: generate it anew as its first lines say")
        .isEqualTo(ConfigReference.text());
  }

  @Test
  void everySettingOfBothConnectorsIsInIt() {
    assertThat(ConfigReference.text())
        .contains(RedisStreamSourceConfig.CONFIG_DEF.names().toArray(String[]::new))
        .contains(RedisStreamSinkConfig.CONFIG_DEF.names().toArray(String[]::new));
  }
}
