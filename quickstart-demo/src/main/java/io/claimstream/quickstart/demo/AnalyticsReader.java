/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.time.Duration;
import java.util.List;

/** Reads the analytics rows from Redis, page by page, and passes them to the check. */
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
    try (RedisSession session = new RedisSession(redis, STREAM)) {
      while (!stop.isAsked()) {
        List<StreamEntry> page = page(session, from);
        for (StreamEntry entry : page) {
          check.row(ClaimProducer.fields(entry));
          from = entry.id().next();
        }
        if (page.size() < PAGE) {
          stop.await(IDLE);
        }
      }
    }
  }

  /** Reads a page; empty during an outage, because the next try follows soon. */
  private static List<StreamEntry> page(RedisSession session, EntryId from) {
    Command command = Command.of("XRANGE", STREAM, from, "+", "COUNT", PAGE);
    try {
      return session.call(connection -> Replies.entries(connection.call(command)));
    } catch (RedisOutageException e) {
      return List.of();
    }
  }
}
