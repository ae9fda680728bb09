/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A sink that was created again under another name, with a consumer group of its own. */
class RenamedSinkIT extends SinkTestBase {
  private final String renamed = connector + "-renamed";

  RenamedSinkIT(Stack stack) {
    super(stack, 1);
  }

  @AfterEach
  void removeRenamed() {
    stack.connect().delete(renamed);
  }

  @Test
  void withTheStoredOffsetsOfItsFormerNameItAppendsNothingTwice() {
    // given
    appendedUnderTheFormerName();
    try (Redis redis = redis()) {
      redis.call("RENAME", offsets(connector), offsets(renamed));
    }

    // when
    startAs(renamed, "consumer.override.group.id", renamed);
    produce(20, 30);

    // then
    assertThat(numbers(arrived(30))).isEqualTo(numbers(0, 30));
    assertThat(warnings()).isEmpty();
  }

  @Test
  void withoutThemItWarnsAndNamesThem() {
    // given
    appendedUnderTheFormerName();

    // when
    startAs(renamed, "consumer.override.group.id", renamed);
    arrived(40);

    // then
    assertThat(warnings())
        .singleElement()
        .asString()
        .contains(
            "hash " + offsets(connector),
            topic.name() + "-0 at 19.",
            "RENAME the hash to " + offsets(renamed));
  }

  private void appendedUnderTheFormerName() {
    produce(0, 20);
    start();
    arrived(20);
    stack.connect().stop(connector);
    awaitState("STOPPED");
  }

  private List<String> warnings() {
    return stack.log(renamed, "has offsets of another connector for");
  }

  private String offsets(String name) {
    return "claimstream:v1:offsets:{" + stream + "}:" + name;
  }
}
