/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DeviationTest {
  private static final Path CONTRIBUTING = Path.of("../CONTRIBUTING.md");
  private static final String BEGIN = "<!-- deviations -->\n";
  private static final String END = "<!-- /deviations -->\n";

  @Test
  void everyDeviationIsDocumentedWithItsReason() throws IOException {
    // given
    String text = Files.readString(CONTRIBUTING);

    // when
    String documented = text.substring(text.indexOf(BEGIN) + BEGIN.length(), text.indexOf(END));

    // then what the servers get is what the page says; put the expected table there if it is not
    assertThat(documented).isEqualTo(table());
  }

  @Test
  void noSettingIsGivenTwiceAndNoneIsTheStockOne() {
    List<Deviation> all = List.of(Deviation.values());

    assertThat(all).doesNotHaveDuplicates();
    assertThat(all)
        .allSatisfy(deviation -> assertThat(deviation.value()).isNotEqualTo(deviation.stock()))
        .allSatisfy(deviation -> assertThat(deviation.reason()).isNotBlank());
    assertThat(
            all.stream()
                .map(deviation -> deviation.server().title() + deviation.setting())
                .toList())
        .doesNotHaveDuplicates();
  }

  private static String table() {
    return Arrays.stream(Deviation.values())
        .map(DeviationTest::row)
        .collect(
            Collectors.joining(
                "", "| Server | Setting here | Stock | Why |\n|---|---|---|---|\n", ""));
  }

  private static String row(Deviation deviation) {
    String value = deviation.value().isEmpty() ? "" : "=" + deviation.value();
    return "| %s | `%s%s` | %s | %s |%n"
        .formatted(
            deviation.server().title(),
            deviation.setting(),
            value,
            deviation.stock().contains(" ") ? deviation.stock() : "`" + deviation.stock() + "`",
            deviation.reason());
  }
}
