/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.credentials.FileCredentialsProvider;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.stack.Deviation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A password that is replaced while source and sink run. */
class CredentialsIT extends SourceTestBase {
  private static final String PROVIDER = FileCredentialsProvider.class.getName();

  private final String user = Stack.unique("rotating");
  private final String sink = Stack.unique("sink");
  private final String target = Stack.unique("claims:copy");

  CredentialsIT(Stack stack) {
    super(stack);
  }

  @Test
  void aRotationLosesAndRepeatsNothingAndFailsNoTask() throws IOException {
    // given a source and a sink that read the password from a file
    Path file = stack.directory(Stack.unique("secrets")).resolve("password");
    Files.createDirectories(file.getParent());
    String first = "pw-" + UUID.randomUUID();
    setPassword(first);
    Files.writeString(file, first + "\n");
    String[] credentials = {
      "redis.username", user,
      "redis.credentials.provider.class", PROVIDER,
      "redis.credentials.password.file", file.toString()
    };
    start(credentials);
    startSink(credentials);
    int expected = redis.addClaims(stream, 500).size();
    awaitCopies(expected);

    for (int rotation = 0; rotation < 3; rotation++) {
      // when Redis gets a new password and ends all sessions, and the file gets it later
      String next = "pw-" + UUID.randomUUID();
      setPassword(next);
      redis.call("CLIENT", "KILL", "USER", user);
      expected += redis.addClaims(stream, 500).size();
      awaitRefusals(rotation + 1);
      assertThat(runs(stack.connect(), connector, 1)).isTrue();
      assertThat(runs(stack.connect(), sink, 1)).isTrue();
      Files.writeString(file, next + "\n");

      // then
      awaitCopies(expected);
    }
    awaitNothingPending();
    List<String> copied =
        redis.entries(target).stream()
            .map(entry -> Redis.fields(entry).getOrDefault("stream_id", "none"))
            .toList();
    assertThat(copied)
        .containsExactlyInAnyOrderElementsOf(
            redis.entries(stream).stream().map(StreamEntry::id).map(String::valueOf).toList());
    assertThat(stack.log("pw-", "")).isEmpty();
    stack.connect().delete(sink);
  }

  private void startSink(String... more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("topics", topic.name());
    settings.put("redis.stream", target);
    settings.put("redis.failed.stream", target + ":failed");
    settings.put("errors.deadletterqueue.topic.name", topic.name() + ".failed");
    settings.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    settings.put("value.converter.schemas.enable", "false");
    settings.putAll(Deviation.of(Deviation.Server.SINK_OF_TESTS));
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    stack.run(sink, stack.example("claims-analytics-sink.json", settings));
  }

  private void setPassword(String password) {
    redis.call("ACL", "SETUSER", user, "on", "resetpass", ">" + password, "~*", "&*", "+@all");
    redis.call("ACL", "LOG", "RESET");
  }

  /** Waits until both connectors were refused in that many outages. */
  private void awaitRefusals(int outages) {
    await("refused logins")
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(stack.log(" WARN ", "WRONGPASS", stream))
                  .hasSizeGreaterThanOrEqualTo(outages);
              assertThat(stack.log(" WARN ", "WRONGPASS", target))
                  .hasSizeGreaterThanOrEqualTo(outages);
            });
  }

  private void awaitCopies(int count) {
    await("entries in " + target)
        .atMost(PATIENCE)
        .until(() -> redis.call("XLEN", target) instanceof Long length && length >= count);
  }
}
