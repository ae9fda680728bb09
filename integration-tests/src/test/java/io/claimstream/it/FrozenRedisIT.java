/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.source.RedisStreamSourceConnector;
import io.claimstream.connect.source.RedisStreamSourceTask;
import io.claimstream.stack.RedisServer;
import io.claimstream.stack.StackFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Redis process that is stopped, so that it takes connections and answers nothing. */
@Timeout(180)
class FrozenRedisIT {
  private static final int STREAMS = 20;
  private static final RecordMetadata SENT =
      new RecordMetadata(new TopicPartition("t", 0), 0, 0, 0, 0, 0);

  @TempDir private Path directory;
  private RedisServer server;
  private RedisStreamSourceTask task;

  @BeforeEach
  void start() {
    server = RedisServer.start(StackFiles.locate(), directory, 0);
    Map<String, String> config = new HashMap<>();
    config.put("name", "source");
    config.put("redis.uri", server.uri());
    config.put(
        "redis.streams",
        IntStream.range(0, STREAMS).mapToObj(i -> "s" + i).collect(Collectors.joining(",")));
    RedisStreamSourceConnector connector = new RedisStreamSourceConnector();
    connector.start(config);
    task = new RedisStreamSourceTask();
    task.initialize(new SourceContext());
    task.start(connector.taskConfigs(1).get(0));
  }

  @AfterEach
  void stop() {
    task.stop();
    server.close();
  }

  /** Leaves entries of each stream in Kafka and not acknowledged. */
  private void read() throws InterruptedException {
    try (Redis redis = new Redis(server.uri())) {
      for (int i = 0; i < STREAMS; i++) {
        redis.addClaims("s" + i, 5);
      }
    }
    int read = 0;
    while (read < 5 * STREAMS) {
      List<SourceRecord> polled = task.poll();
      if (polled != null) {
        polled.forEach(record -> task.commitRecord(record, SENT));
        read += polled.size();
      }
    }
  }

  @Test
  void commitPollAndStopAreHeldUpOnceAndNotForEachStream() throws InterruptedException {
    // given
    read();
    server.pause();
    try {
      // when
      Duration firstCommit = timed(task::commit);
      Duration secondCommit = timed(task::commit);
      Duration longestPoll = Duration.ZERO;
      for (long end = System.nanoTime() + 20_000_000_000L; System.nanoTime() < end; ) {
        Duration poll = timed(this::poll);
        longestPoll = poll.compareTo(longestPoll) > 0 ? poll : longestPoll;
      }
      Duration stop = timed(task::stop);

      // then: less than two of the waits that were one for each stream
      assertThat(List.of(firstCommit, secondCommit, longestPoll, stop))
          .allSatisfy(took -> assertThat(took).isLessThan(Duration.ofSeconds(6)));
    } finally {
      server.resume();
    }
  }

  private void poll() {
    try {
      task.poll();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Duration timed(Runnable action) {
    long begin = System.nanoTime();
    action.run();
    return Duration.ofNanos(System.nanoTime() - begin);
  }
}
