/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ErrorSettingsTest {

  @Test
  void unsetMeansWhatConnectTakesItFor() {
    assertThat(ErrorSettings.of(Map.of())).isEqualTo(new ErrorSettings(false, false, false));
  }

  @Test
  void takesConnectsOwnSettings() {
    Map<String, String> all =
        Map.of(
            "errors.tolerance",
            " all ",
            "errors.log.enable",
            "true",
            "errors.log.include.messages",
            "TRUE");

    assertThat(ErrorSettings.of(all)).isEqualTo(new ErrorSettings(true, true, true));
  }

  @Test
  void payloadIsNotAskedForWhereNothingIsLogged() {
    assertThat(ErrorSettings.of(Map.of("errors.log.include.messages", "true")).withPayload())
        .isFalse();
  }
}
