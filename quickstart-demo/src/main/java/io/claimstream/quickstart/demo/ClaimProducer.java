/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events to the stream in pipelines and records which events Redis has accepted. The first
 * event is sent alone; the others follow after it has passed through every step. After an outage
 * the producer looks up in the stream which events of the last pipeline Redis has accepted, and
 * writes the others again: the checks count each event once.
 */
final class ClaimProducer implements BackgroundTask.Body {
  static final String STREAM = "claims:events";

  private static final int LARGEST_BATCH = 500;
  private static final Duration IDLE = Duration.ofMillis(10);
  private static final Duration LONGEST_WARM_UP = Duration.ofSeconds(60);
  private static final Duration RETRY = Duration.ofMillis(500);

  /* Far above any lag of the demo, so that nothing unread is trimmed. */
  private static final long ENDLESS_MAX_LENGTH = 2_000_000;

  private final RedisConnections redis;
  private final Supplier<ClaimEvent> events;
  private final OptionalLong limit;
  private final OptionalLong rate;
  private final Evidence evidence;
  private final BooleanSupplier warm;
  private final Logger log = LoggerFactory.getLogger(ClaimProducer.class);
  private volatile OptionalLong startedAt = OptionalLong.empty();
  private volatile OptionalLong warmUpMillis = OptionalLong.empty();
  private volatile boolean done;

  /* Of the last pipeline, whose replies were lost. */
  private List<ClaimEvent> inDoubt = new ArrayList<>();
  private EntryId last = EntryId.ZERO;
  private @Nullable Client client;
  private @Nullable Pace pace;
  private long firstSentAt;
  private long sent;

  /** A connection as the server identifies it: client ids restart with each run of the server. */
  private record Client(String run, long id) {}

  /**
   * Creates a producer that starts with {@link #run}.
   *
   * @param limit the number of events to write; empty = until stopped, with a stream of bounded
   *     length
   * @param rate events per second; empty = as fast as Redis accepts them
   * @param warm returns whether the first event has passed through every step
   */
  ClaimProducer(
      RedisConnections redis,
      Supplier<ClaimEvent> events,
      OptionalLong limit,
      OptionalLong rate,
      Evidence evidence,
      BooleanSupplier warm) {
    this.redis = redis;
    this.events = events;
    this.limit = limit;
    this.rate = rate;
    this.evidence = evidence;
    this.warm = warm;
  }

  /** Returns whether all events are written. */
  boolean isDone() {
    return done;
  }

  /** Returns how long the first event took to pass through every step; empty if it has not. */
  OptionalLong warmUpMillis() {
    return warmUpMillis;
  }

  /** Returns {@link System#nanoTime} when the first event had passed through; empty before. */
  OptionalLong startedAt() {
    return startedAt;
  }

  @Override
  public void run(BackgroundTask.Stop stop) throws InterruptedException {
    while (!done && !stop.isAsked()) {
      try (RedisConnection connection = redis.open(STREAM)) {
        settle(connection);
        produce(connection, stop);
      } catch (RedisOutageException e) {
        log.info("Redis does not accept events; retrying: {}", e.getMessage());
        stop.await(RETRY);
      }
    }
  }

  private void produce(RedisConnection connection, BackgroundTask.Stop stop)
      throws InterruptedException {
    while (!stop.isAsked()) {
      long left = limit.orElse(Long.MAX_VALUE) - sent;
      if (left == 0) {
        done = true;
        return;
      }
      int due = (int) Math.min(due(), Math.min(left, LARGEST_BATCH));
      if (due <= 0) {
        stop.await(IDLE);
        continue;
      }
      for (int i = 0; i < due; i++) {
        inDoubt.add(events.get());
      }
      sent += due;
      write(connection);
    }
  }

  private long due() {
    if (sent == 0) {
      firstSentAt = System.nanoTime();
      return 1;
    }
    if (startedAt.isEmpty()) {
      boolean late = System.nanoTime() - firstSentAt > LONGEST_WARM_UP.toNanos();
      if (!late && !warm.getAsBoolean()) {
        return 0;
      }
      long now = System.nanoTime();
      if (!late) {
        warmUpMillis = OptionalLong.of(TimeUnit.NANOSECONDS.toMillis(now - firstSentAt));
      }
      startedAt = OptionalLong.of(now);
    }
    if (pace == null) {
      pace = new Pace(rate, System.nanoTime());
    }
    return pace.due(System.nanoTime(), sent - 1);
  }

  private void write(RedisConnection connection) {
    List<ClaimEvent> batch = inDoubt;
    List<Command> commands = batch.stream().map(this::append).toList();
    List<@Nullable Object> replies = connection.pipeline(commands);
    List<EntryId> ids = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      Object reply = Replies.checked(replies.get(i), commands.get(i));
      ids.add(Replies.id(Objects.requireNonNull(reply)));
    }
    taken(batch, ids);
    inDoubt = new ArrayList<>();
  }

  private void taken(List<ClaimEvent> batch, List<EntryId> ids) {
    if (!ids.isEmpty()) {
      last = ids.get(ids.size() - 1);
      batch.forEach(evidence.expected()::add);
      evidence.arrivals().produced(ids);
    }
  }

  private Command append(ClaimEvent event) {
    Command command = Command.of("XADD", STREAM);
    if (limit.isEmpty()) {
      command.add("MAXLEN").add("~").add(ENDLESS_MAX_LENGTH);
    }
    return command.add("*").addAll(event.fields());
  }

  /**
   * Finds out which events of the last pipeline Redis has accepted. A server that was paused would
   * continue with commands it had received, so the former connection is first closed on the
   * server's side.
   */
  private void settle(RedisConnection connection) {
    Object id = Objects.requireNonNull(connection.call(Command.of("CLIENT", "ID")));
    Client now = new Client(run(connection), (long) id);
    Client former = client;
    if (former != null && former.run().equals(now.run())) {
      connection.call(Command.of("CLIENT", "KILL", "ID", former.id()));
    }
    client = now;
    if (inDoubt.isEmpty()) {
      return;
    }
    List<ClaimEvent> found = new ArrayList<>();
    List<EntryId> ids = new ArrayList<>();
    List<ClaimEvent> lost = new ArrayList<>(inDoubt);
    Command range = Command.of("XRANGE", STREAM, last.next(), "+");
    for (StreamEntry entry : Replies.entries(connection.call(range))) {
      Map<String, String> fields = fields(entry);
      for (int i = 0; i < lost.size(); i++) { // other producers may write to the stream, too
        if (lost.get(i).fieldMap().equals(fields)) {
          found.add(lost.remove(i));
          ids.add(entry.id());
          break;
        }
      }
    }
    log.info(
        "Redis is available again; it has accepted {} of {} events", found.size(), inDoubt.size());
    taken(found, ids);
    inDoubt = lost;
    if (!lost.isEmpty()) {
      write(connection);
    }
  }

  private static String run(RedisConnection connection) {
    String info = String.valueOf(Replies.text(connection.call(Command.of("INFO", "server"))));
    return info.lines().filter(line -> line.startsWith("run_id:")).findFirst().orElse("");
  }

  static Map<String, String> fields(StreamEntry entry) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (int i = 0; i < entry.size(); i++) {
      fields.put(text(entry.name(i)), text(entry.value(i)));
    }
    return fields;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
