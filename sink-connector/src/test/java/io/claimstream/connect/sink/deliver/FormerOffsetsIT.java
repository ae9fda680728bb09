/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.fake.RecordedLog;
import io.claimstream.connect.sink.RedisStreamSinkConfig;
import io.claimstream.connect.sink.RedisTestBase;
import io.claimstream.connect.sink.write.StreamConnections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** What a sink reports of its former name, on a real server. */
class FormerOffsetsIT extends RedisTestBase {
  private static final TopicPartition FIRST = new TopicPartition("claims.analytics", 0);
  private static final TopicPartition SECOND = new TopicPartition("claims.analytics", 1);

  private final RecordedLog log = new RecordedLog();

  @Test
  void theOffsetsOfAFormerNameAreNamedAmongManyKeys() {
    // given many keys, so that a search has several pages
    for (int i = 0; i < 3_000; i++) {
      call("HSET", "other:" + i, "claims.analytics-0", "7 -1 -1");
    }
    call("HSET", key("claims:analytics", "old%3Aname"), FIRST, "41 1795750369138 40", "x-3", "1");

    // when
    search("claims:analytics", "new", FIRST, SECOND);

    // then
    assertThat(log.lines()).hasSize(1);
    assertThat(log.lines().get(0))
        .contains(
            "'new'",
            "hash claimstream:v1:offsets:{claims:analytics}:old%3Aname",
            "claims.analytics-0 at 41.",
            "RENAME the hash to claimstream:v1:offsets:{claims:analytics}:new,");
  }

  @Test
  void offsetsOfOtherStreamsPartitionsAndPurposesAreNoFormerOnes() {
    call("HSET", key("claims:analytics", "new"), FIRST, "1 -1 -1");
    call("HSET", key("claims:analytics:eu", "old"), FIRST, "1 -1 -1");
    call("HSET", key("claims:analytics", "other"), "payments-0", "1 -1 -1");
    call("HSET", "claimstream:v1:redriven:{claims:analytics}", FIRST, "1 -1 -1");
    call("SET", key("claims:analytics", "text"), "1 -1 -1");

    search("claims:analytics", "new", FIRST, SECOND);

    assertThat(log.lines()).isEmpty();
  }

  @Test
  void aStreamWithAHashTagAndOneForEachTopicAreSearchedToo() {
    call("HSET", "claimstream:v1:offsets:{c}:%7Bc%7D%3Aa:old", FIRST, "5 -1 -1");
    call("HSET", key("to:claims.analytics", "old"), FIRST, "6 -1 -1");

    search("{c}:a", "new", FIRST);
    search("to:${topic}", "new", FIRST);

    assertThat(log.lines()).hasSize(2);
    assertThat(log.lines().get(0)).contains("%7Bc%7D%3Aa:old has", "-0 at 5.");
    assertThat(log.lines().get(1)).contains("{to:claims.analytics}:old has", "-0 at 6.");
  }

  @Test
  void theSinkBeginsThoughItsUserMayNotScanAndTheLogSaysSo() {
    call("ACL", "SETUSER", "narrow", "on", ">p", "resetkeys", "~claims*", "-@all", "+hmget");
    call("HSET", key("claims:analytics", "old"), FIRST, "5 -1 -1");

    search(
        Map.of("redis.username", "narrow", "redis.password", "p"),
        "claims:analytics",
        "new",
        FIRST);

    assertThat(log.lines()).hasSize(1);
    assertThat(log.lines().get(0)).contains("'new'", "unknown", "NOPERM", "scan");
  }

  private void search(String stream, String connector, TopicPartition... partitions) {
    search(Map.of(), stream, connector, partitions);
  }

  private void search(
      Map<String, String> more, String stream, String connector, TopicPartition... partitions) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("name", connector);
    settings.put("topics", "claims.analytics");
    settings.put("redis.uri", redis.uri());
    settings.put("redis.stream", stream);
    RedisStreamSinkConfig config = new RedisStreamSinkConfig(settings);
    try (StreamConnections connections =
        new StreamConnections(RedisConnections.of(config.redis()))) {
      new FormerOffsets(connections, config.streams(), log.logger()).report(List.of(partitions));
    }
  }

  private static String key(String stream, String connector) {
    return "claimstream:v1:offsets:{" + stream + "}:" + connector;
  }
}
