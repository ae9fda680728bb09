/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateTest {
  @TempDir Path folder;

  private Template template(String json) throws IOException {
    return Template.read(Files.writeString(folder.resolve("other.json"), json));
  }

  @Test
  void placeholdersAreReplacedAndTheConnectorsOwnOnesAreKept() throws IOException {
    Template template =
        template("{\"topic\": \"{{topic}}\", \"consumer\": \"{{name}}-${task}\", \"count\": 2000}");

    assertThat(template.fill(Map.of("topic", "t-1", "name", "n$1", "stream", "s")))
        .isEqualTo(Map.of("topic", "t-1", "consumer", "n$1-${task}", "count", "2000"));
  }

  @Test
  void aPlaceholderThatNobodyKnowsIsNamed() throws IOException {
    Template template = template("{\"topic\": \"{{topics}}\"}");

    assertThatExceptionOfType(BenchmarkException.class)
        .isThrownBy(() -> template.fill(Map.of("topic", "t-1")))
        .withMessage("topic has the placeholder {{topics}}; there are [topic]");
  }

  @Test
  void theTemplateHasPrecedenceOverTheDefaults() throws IOException {
    Template template = template("{\"tasks.max\": \"2\"}");

    assertThat(template.orElse(Map.of("tasks.max", "1", "batch", "5")).settings())
        .isEqualTo(Map.of("tasks.max", "2", "batch", "5"));
  }

  @Test
  void aFileThatIsNoObjectOfSettingsIsNamed() {
    assertThatExceptionOfType(BenchmarkException.class)
        .isThrownBy(() -> template("[1]"))
        .withMessageContaining("other.json is not a JSON object of a connector's settings");
  }
}
