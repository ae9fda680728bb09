/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.EntryId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Writes events to the stream, in pipelines, and notes what Redis has taken. */
final class ClaimProducer implements BackgroundTask.Body {
  static final String STREAM = "claims:events";

  private static final int LARGEST_BATCH = 500;
  private static final Duration IDLE = Duration.ofMillis(10);

  /* Far above any lag of the demo, so that nothing unread is trimmed. */
  private static final long ENDLESS_MAX_LENGTH = 2_000_000;

  private final RedisConnections redis;
  private final Supplier<ClaimEvent> events;
  private final OptionalLong limit;
  private final OptionalLong rate;
  private final ExpectedFigures expected;
  private final ArrivalCheck arrivals;
  private volatile boolean done;

  /**
   * A producer that starts with {@link #run}.
   *
   * @param limit how many events to write; empty = until stopped, with a stream of bounded length
   * @param rate events per second; empty = as fast as Redis takes them
   */
  ClaimProducer(
      RedisConnections redis,
      Supplier<ClaimEvent> events,
      OptionalLong limit,
      OptionalLong rate,
      ExpectedFigures expected,
      ArrivalCheck arrivals) {
    this.redis = redis;
    this.events = events;
    this.limit = limit;
    this.rate = rate;
    this.expected = expected;
    this.arrivals = arrivals;
  }

  /** Whether all events are written. */
  boolean isDone() {
    return done;
  }

  @Override
  public void run(BackgroundTask.Stop stop) throws InterruptedException {
    Pace pace = new Pace(rate, System.nanoTime());
    long left = limit.orElse(Long.MAX_VALUE);
    long sent = 0;
    try (RedisConnection connection = redis.open(STREAM)) {
      while (left > 0 && !stop.isAsked()) {
        long due = Math.min(pace.due(System.nanoTime(), sent), Math.min(left, LARGEST_BATCH));
        if (due <= 0) {
          stop.await(IDLE);
          continue;
        }
        write(connection, (int) due);
        sent += due;
        left -= due;
      }
      done = left == 0;
    }
  }

  private void write(RedisConnection connection, int count) {
    List<ClaimEvent> batch = new ArrayList<>(count);
    List<Command> commands = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ClaimEvent event = events.get();
      batch.add(event);
      commands.add(append(event));
    }
    List<@Nullable Object> replies = connection.pipeline(commands);
    List<EntryId> ids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Object reply = Replies.checked(replies.get(i), commands.get(i));
      ids.add(Replies.id(Objects.requireNonNull(reply)));
      expected.add(batch.get(i));
    }
    arrivals.produced(ids);
  }

  private Command append(ClaimEvent event) {
    Command command = Command.of("XADD", STREAM);
    if (limit.isEmpty()) {
      command.add("MAXLEN").add("~").add(ENDLESS_MAX_LENGTH);
    }
    return command.add("*").addAll(event.fields());
  }
}
