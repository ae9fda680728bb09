/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import io.claimstream.benchmarks.baseline.ClaimEntries;
import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.RedisStreamSourceConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Streams of the Redis server, accessed with the connectors' client. Used by one thread. */
final class Streams implements AutoCloseable {
  private static final int PIPELINED = 2_000;

  private final RedisConnection redis;

  Streams(String uri) {
    this.redis = open(uri);
  }

  /** Opens a connection like the connectors' own. */
  static RedisConnection open(String uri) {
    Map<String, String> properties = Map.of("name", "benchmark", "redis.uri", uri);
    return RedisConnections.of(new RedisStreamSourceConfig(properties).redis()).open("benchmark");
  }

  /** Appends that many entries. */
  void fill(String stream, long entries, ClaimEntries claims) {
    append(stream, entries, number -> claims.fields(number));
  }

  /** Appends by pipelined XADD and returns the nanoseconds; all commands are prepared before. */
  long appendNanos(String stream, long entries, ClaimEntries claims) {
    int different = (int) Math.min(entries, 10_000);
    List<List<byte[]>> ready = new ArrayList<>(different);
    for (int i = 0; i < different; i++) {
      ready.add(
          claims.fields(i).stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList());
    }
    long begin = System.nanoTime();
    append(stream, entries, number -> ready.get((int) (number % different)));
    return System.nanoTime() - begin;
  }

  private void append(String stream, long entries, LongFunction<List<?>> fields) {
    int sent = 0;
    for (long from = 0; from < entries; from += PIPELINED) {
      List<Command> commands = new ArrayList<>(PIPELINED);
      for (long i = from; i < Math.min(entries, from + PIPELINED); i++) {
        commands.add(Command.of("XADD", stream, "*").addAll(fields.apply(i)));
      }
      redis.send(commands);
      // the next batch is in flight while Redis processes this one
      receive(sent);
      sent = commands.size();
    }
    receive(sent);
  }

  private void receive(int replies) {
    redis.receive(replies, Duration.ZERO).forEach(reply -> Replies.checked(reply, "XADD"));
  }

  /** Reads a whole stream by pipelined XREADGROUP and XACK, and returns the nanoseconds. */
  long readNanos(String stream, String group, long entries, int count) {
    createGroup(stream, group);
    Command read =
        Command.of("XREADGROUP", "GROUP", group, "raw", "COUNT", count, "STREAMS", stream, ">");
    long begin = System.nanoTime();
    long seen = 0;
    redis.send(List.of(read));
    boolean acknowledging = false;
    while (seen < entries) {
      List<@Nullable Object> replies = redis.receive(acknowledging ? 2 : 1, Duration.ZERO);
      replies.forEach(reply -> Replies.checked(reply, "XREADGROUP"));
      List<StreamEntry> batch = Replies.entriesOfOneStream(replies.get(replies.size() - 1));
      seen += batch.size();
      Command ack = Command.of("XACK", stream, group);
      ack.addAll(batch.stream().map(StreamEntry::id).toList());
      redis.send(List.of(ack, read));
      acknowledging = true;
    }
    redis.receive(2, Duration.ZERO);
    return System.nanoTime() - begin;
  }

  /** Delivers the first entries to a consumer that never acknowledges them. */
  void leavePending(String stream, String group, String consumer, int entries) {
    createGroup(stream, group);
    for (int left = entries; left > 0; left -= PIPELINED) {
      redis.call(
          Command.of(
              "XREADGROUP",
              "GROUP",
              group,
              consumer,
              "COUNT",
              Math.min(left, PIPELINED),
              "STREAMS",
              stream,
              ">"));
    }
  }

  void createGroup(String stream, String group) {
    redis.call(Command.of("XGROUP", "CREATE", stream, group, "0", "MKSTREAM"));
  }

  void destroyGroup(String stream, String group) {
    redis.call(Command.of("XGROUP", "DESTROY", stream, group));
  }

  /** Returns how many entries a group has read and not acknowledged. */
  long pending(String stream, String group) {
    Object reply = redis.call(Command.of("XPENDING", stream, group));
    return Replies.list(reply).get(0) instanceof Long count ? count : -1;
  }

  long length(String stream) {
    return redis.call(Command.of("XLEN", stream)) instanceof Long length ? length : 0;
  }

  /**
   * Returns when the first and the last entry were appended, in milliseconds of the server's clock.
   */
  Optional<Window> window(String stream) {
    List<StreamEntry> first =
        Replies.entries(redis.call(Command.of("XRANGE", stream, "-", "+", "COUNT", 1)));
    List<StreamEntry> last =
        Replies.entries(redis.call(Command.of("XREVRANGE", stream, "+", "-", "COUNT", 1)));
    return first.isEmpty() || last.isEmpty()
        ? Optional.empty()
        : Optional.of(new Window(first.get(0).id().millis(), last.get(0).id().millis()));
  }

  EntryId add(String stream, List<?> fields) {
    Object id = redis.call(Command.of("XADD", stream, "*").addAll(fields));
    return EntryId.parse(String.valueOf(Replies.text(id)));
  }

  /** Creates a stream without entries that once had one: the source warns of a new empty one. */
  void createTrimmed(String stream) {
    redis.call(Command.of("XADD", stream, "MAXLEN", 0, "*", "type", "trimmed"));
  }

  void remove(String key) {
    redis.call(Command.of("DEL", key));
  }

  /** Removes all keys that begin with a name, and its stored offsets. */
  void removeAll(String name) {
    for (String pattern : List.of(name + "*", "claimstream:*" + name + "*")) {
      for (Object key : Replies.list(redis.call(Command.of("KEYS", pattern)))) {
        redis.call(Command.of("DEL", String.valueOf(Replies.text(key))));
      }
    }
  }

  /** Returns how many clients are connected to the server. */
  long clients() {
    return String.valueOf(Replies.text(redis.call(Command.of("CLIENT", "LIST")))).lines().count();
  }

  /** Returns the CPU time that the server has used. */
  double cpuSeconds() {
    return String.valueOf(Replies.text(redis.call(Command.of("INFO", "cpu"))))
        .lines()
        .filter(line -> line.startsWith("used_cpu_sys:") || line.startsWith("used_cpu_user:"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(':') + 1)))
        .sum();
  }

  /** Returns the version and the allocator of the server; results depend on both. */
  String server() {
    return Stream.of("server", "memory")
        .map(section -> Replies.text(redis.call(Command.of("INFO", section))))
        .flatMap(text -> String.valueOf(text).lines())
        .filter(line -> line.startsWith("redis_version:") || line.startsWith("mem_allocator:"))
        .collect(Collectors.joining(", "));
  }

  @Override
  public void close() {
    redis.close();
  }

  /** The time from the first record or entry to the last one. */
  record Window(long firstMillis, long lastMillis) {
    double seconds() {
      return (lastMillis - firstMillis) / 1e3;
    }
  }
}
