/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A source that was created again under another name while entries were pending. */
class RenamedSourceIT extends SourceTestBase {
  private final String renamed = connector + "-renamed";

  RenamedSourceIT(Stack stack) {
    super(stack);
  }

  @AfterEach
  void removeRenamed() {
    stack.connect().delete(renamed);
  }

  @Test
  void itNamesAtItsStartWhatItsFormerNameLeftPending() {
    // given a former name that failed on a bad entry
    List<String> ids = redis.addClaims(stream, 3);
    String bad = redis.add(stream, "type", "t", "claim_id", "c", "amount", "much");
    stack.connect().createOrUpdate(connector, stack.example("claims-source.json", settings()));
    failure();
    long pending = redis.pending(stream, GROUP);
    assertThat(pending).isBetween(1L, 4L);
    stack.connect().stop(connector);
    awaitState("STOPPED");

    // when
    stack.run(renamed, stack.example("claims-source.json", settings()));

    // then
    String oldest = pending == 4 ? ids.get(0) : bad;
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(stack.log("WARN", "consumer '" + connector + "-0'"))
                    .singleElement()
                    .asString()
                    .contains(
                        "of connector '" + connector + "'",
                        pending + " pending entries, the oldest " + oldest,
                        "redis.claim.idle.ms"));
  }
}
