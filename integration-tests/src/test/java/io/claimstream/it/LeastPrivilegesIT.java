/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The source as the ACL user that the documentation names. */
class LeastPrivilegesIT extends SourceTestBase {
  LeastPrivilegesIT(Stack stack) {
    super(stack);
  }

  private List<String> documented(String failed) {
    return PrivilegesIT.rights("claims-source").stream()
        .map(right -> right.replace("claims:events", stream).replace("claims:failed", failed))
        .toList();
  }

  @Test
  void theDocumentedUserDoesEverythingThatTheSourceDoes() {
    // given
    String failed = Stack.unique("claims:failed");
    String user = Stack.unique("source");
    List<Object> rules = new ArrayList<>(List.of("SETUSER", user, "on", ">s3cret"));
    rules.addAll(documented(failed));
    redis.call("ACL", rules.toArray());
    List<String> ids = redis.addClaims(stream, 30);
    redis.add(stream, "type", "t", "claim_id", "c", "amount", "much");
    redis.call("XGROUP", "CREATE", stream, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "foreign", "COUNT", 5, "STREAMS", stream, ">");
    redis.call("XREADGROUP", "GROUP", GROUP, connector + "-7", "COUNT", 5, "STREAMS", stream, ">");
    redis.call("SET", ownerKey(connector + "-7"), 1);

    try {
      // when it validates, recovers, takes over, puts aside, reads, and replays
      start(
          "redis.username", user,
          "redis.password", "s3cret",
          "redis.failed.stream", failed,
          "errors.tolerance", "all",
          "redis.claim.idle.ms", "100",
          "redis.consumers.per.stream", "2");
      topic.await(ids.size());
      awaitNothingPending();
      stack.connect().stop(connector);
      awaitState("STOPPED");
      stack.connect().deleteOffsets(connector);
      stack.connect().resume(connector);

      // then
      List<String> expected = new ArrayList<>(ids);
      expected.addAll(ids);
      assertThat(streamIds(topic.await(expected.size())))
          .containsExactlyInAnyOrderElementsOf(expected);
      assertThat(redis.entries(failed)).hasSize(2);
      stack.connect().delete(connector);
    } finally {
      redis.call("ACL", "DELUSER", user);
    }
  }
}
