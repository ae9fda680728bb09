/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static io.claimstream.connect.sink.FakeWorker.deliver;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.sink.state.StateSinks;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Sinks that go on from the recorded state of a release, on a real server. What they leave must be
 * of the recorded format, so that the release can go on from it in turn.
 */
class RecordedStateIT extends RedisTestBase {
  private static final String RECORDED = "/state/0.1.0.tsv";
  private static final String FORMAT = "-?\\d+ -?\\d+ -?\\d+";
  private static final long CREATED = 1_767_225_600_000L;

  private final FakeClock clock = new FakeClock();

  @BeforeEach
  void restore() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(RecordedStateIT.class.getResourceAsStream(RECORDED))) {
      for (String line : new String(in.readAllBytes(), UTF_8).lines().toList()) {
        if (!line.startsWith("#")) {
          String[] parts = line.split("\t", -1);
          call("HSET", parts[0], parts[1], parts[2]);
        }
      }
    }
  }

  @Test
  void recordsThatAreInTheStreamAreNotAppendedAgain() {
    // when
    RunningSink sink = appending("claims:analytics");
    deliver(sink, records(0, 5, 12));
    deliver(sink, records(1, 0, 2));
    deliver(sink, records(2, 0, 7));

    // then
    assertThat(appended("claims:analytics"))
        .containsExactly("0/10", "0/11", "1/0", "1/1", "2/5", "2/6");
    assertThat(stored("claimstream:v1:offsets:{claims:analytics}:a", 0)).startsWith("11 ");
    assertThat(stored("claimstream:v1:offsets:{claims:analytics}:a", 1)).startsWith("1 ");
    assertThat(stored("claimstream:v1:offsets:{claims:analytics}:a", 2)).startsWith("6 ");
  }

  @Test
  void aStreamWithAHashTagHasItsOffsetsWhereTheyWere() {
    deliver(appending("{claims}:analytics"), records(0, 5, 12));

    assertThat(appended("{claims}:analytics")).containsExactly("0/10", "0/11");
    assertThat(stored("claimstream:v1:offsets:{claims}:%7Bclaims%7D%3Aanalytics:a", 0))
        .startsWith("11 ");
  }

  @Test
  void aReadModelDoesNotGoBack() {
    call("HSET", "claim:k5", "n", "newer");

    Map<String, String> properties = properties();
    properties.put("redis.key", "claim:${key}");
    RunningSink sink =
        FakeWorker.assigned(StateSinks.running(properties, new FakeSinkContext(), clock), "claims");
    deliver(sink, records(0, 5, 12));

    assertThat(Replies.text(call("HGET", "claim:k5", "n"))).isEqualTo("newer");
    assertThat(call("EXISTS", "claim:k9")).isEqualTo(0L);
    assertThat(Replies.text(call("HGET", "claim:k11", "n"))).isEqualTo("0/11");
    assertThat(stored("claimstream:v1:offsets:{claim:}:a", 0)).startsWith("11 ");
  }

  private RunningSink appending(String stream) {
    Map<String, String> properties = properties();
    properties.put("redis.stream", stream);
    RedisStreamSinkConfig config = new RedisStreamSinkConfig(properties);
    return FakeWorker.assigned(
        new RunningSink(
            config, redis.connections(), new FakeSinkContext(), UnpublishedMetrics.task(), clock),
        "claims");
  }

  private static Map<String, String> properties() {
    Map<String, String> properties = new HashMap<>();
    properties.put("name", "a");
    properties.put("topics", "claims");
    properties.put("redis.uri", redis.uri());
    return properties;
  }

  private static List<SinkRecord> records(int partition, int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(
            offset ->
                new SinkRecord(
                    "claims",
                    partition,
                    null,
                    "k" + offset,
                    null,
                    Map.of("n", partition + "/" + offset),
                    offset,
                    CREATED,
                    TimestampType.CREATE_TIME))
        .toList();
  }

  private static List<String> appended(String stream) {
    return Replies.entries(call("XRANGE", stream, "-", "+")).stream()
        .map(entry -> new String(entry.value(0), UTF_8))
        .toList();
  }

  private static String stored(String key, int partition) {
    String stored = Replies.text(call("HGET", key, "claims-" + partition));
    assertThat(stored).matches(FORMAT);
    return String.valueOf(stored);
  }
}
