/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the rows that come back to Redis, page by page, and hands them to the check. */
final class AnalyticsReader implements BackgroundTask.Body {
  static final String STREAM = "claims:analytics";

  private static final int PAGE = 1_000;
  private static final Duration IDLE = Duration.ofMillis(200);

  private final RedisConnections redis;
  private final AnalyticsCheck check;

  AnalyticsReader(RedisConnections redis, AnalyticsCheck check) {
    this.redis = redis;
    this.check = check;
  }

  @Override
  public void run(BackgroundTask.Stop stop) throws InterruptedException {
    EntryId from = EntryId.ZERO;
    try (RedisConnection connection = redis.open(STREAM)) {
      while (!stop.isAsked()) {
        List<StreamEntry> page =
            Replies.entries(
                connection.call(Command.of("XRANGE", STREAM, from, "+", "COUNT", PAGE)));
        for (StreamEntry entry : page) {
          check.row(fields(entry));
          from = entry.id().next();
        }
        if (page.size() < PAGE) {
          stop.await(IDLE);
        }
      }
    }
  }

  private static Map<String, String> fields(StreamEntry entry) {
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i < entry.size(); i++) {
      fields.put(text(entry.name(i)), text(entry.value(i)));
    }
    return fields;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
