/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.sink.RedisStreamSinkConfig;
import io.claimstream.connect.sink.state.StateSinkConfig;
import io.claimstream.connect.source.RedisStreamSourceConfig;
import io.claimstream.connect.source.range.RangeSourceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;

class ConfigReferenceTest {

  @Test
  void theReferenceInTheRepositoryIsWhatTheConnectorsDeclare() throws IOException {
    assertThat(Files.readString(Path.of("reference/settings.md")))
        .as("docs/reference/settings.md is outdated: regenerate it as its first lines say")
        .isEqualTo(ConfigReference.text());
  }

  @Test
  void everySettingHasAnAnchorOfItsNameAndSharedOnesAreListedOnce() {
    String text = ConfigReference.text();

    for (ConfigDef def :
        List.of(
            RedisStreamSourceConfig.CONFIG_DEF,
            RangeSourceConfig.CONFIG_DEF,
            RedisStreamSinkConfig.CONFIG_DEF,
            StateSinkConfig.CONFIG_DEF)) {
      assertThat(def.names())
          .filteredOn(name -> !name.equals(RedisConnectionConfig.SSL_ENGINE_FACTORY))
          .allSatisfy(name -> assertThat(text).containsOnlyOnce("<a id=\"" + name + "\"></a>"));
    }
    assertThat(text)
        .containsOnlyOnce("`redis.uri`<br>")
        .containsOnlyOnce("`redis.ssl.truststore.location`<br>");
  }

  @Test
  void kafkasTlsSettingsHaveThePrefixOfTheConnectorsAndNoMarkupOfKafkas() {
    assertThat(ConfigReference.text())
        .contains("`redis.ssl.enabled.protocols` and the server only supports")
        .doesNotContain("<code>", "'ssl.", " `ssl.", "Valid: .");
  }

  @Test
  void everySettingOfTheConnectorsIsInItButTheOneThatIsRefused() {
    String refused = RedisConnectionConfig.SSL_ENGINE_FACTORY;

    assertThat(ConfigReference.text()).doesNotContain(refused);
    for (ConfigDef def :
        List.of(
            RedisStreamSourceConfig.CONFIG_DEF,
            RangeSourceConfig.CONFIG_DEF,
            RedisStreamSinkConfig.CONFIG_DEF,
            StateSinkConfig.CONFIG_DEF)) {
      assertThat(def.names()).contains(refused);
      assertThat(ConfigReference.text())
          .contains(
              def.names().stream().filter(name -> !name.equals(refused)).toArray(String[]::new));
    }
  }
}
