/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.jspecify.annotations.Nullable;

/** A test's own look at Redis. Used by one thread. */
public final class Redis implements AutoCloseable {
  private final RedisConnection connection;

  /** Connects to the server at this address. */
  public Redis(String uri) {
    this(Map.of(RedisConnectionConfig.URI, uri));
  }

  /** Connects as a connector with these settings does. */
  Redis(Map<String, String> settings) {
    this(settings, "any");
  }

  /** The same, to the master that a cluster has for a key. */
  Redis(Map<String, String> settings, String key) {
    ConfigDef def = new ConfigDef();
    RedisConnectionConfig.define(def);
    AbstractConfig config = new AbstractConfig(def, settings, false);
    this.connection = RedisConnections.of(RedisConnectionConfig.settings(config, "test")).open(key);
  }

  /** Sends a command and returns its reply. */
  public @Nullable Object call(String name, Object... arguments) {
    return connection.call(Command.of(name, arguments));
  }

  String add(String stream, Object... fields) {
    return String.valueOf(
        Replies.text(connection.call(Command.of("XADD", stream, "*").addAll(List.of(fields)))));
  }

  /** Adds that many claims, numbered from 0, in batches; returns their ids. */
  List<String> addClaims(String stream, int count) {
    List<String> ids = new ArrayList<>(count);
    for (int from = 0; from < count; from += 1000) {
      List<Command> batch = new ArrayList<>();
      for (int i = from; i < Math.min(count, from + 1000); i++) {
        batch.add(
            Command.of(
                "XADD",
                stream,
                "*",
                "type",
                "claim_submitted",
                "claim_id",
                "CLM-" + i,
                "customer_id",
                "CUST-" + i % 10,
                "timestamp",
                "2024-08-20T10:30:00Z",
                "amount",
                i + ".50",
                "region",
                "north"));
      }
      connection
          .pipeline(batch)
          .forEach(
              reply ->
                  ids.add(String.valueOf(Replies.text(Replies.checked(reply, "XADD " + stream)))));
    }
    return ids;
  }

  /** Adds entries with these fields in one round trip; returns their ids. */
  List<String> addAll(String stream, List<List<Object>> entries) {
    List<Command> batch =
        entries.stream().map(fields -> Command.of("XADD", stream, "*").addAll(fields)).toList();
    List<String> ids = new ArrayList<>(entries.size());
    connection.pipeline(batch).forEach(reply -> ids.add(String.valueOf(Replies.text(reply))));
    return ids;
  }

  /**
   * Adds entries with these fields in one round trip; returns an id for each that Redis had memory
   * for, and null for the others.
   */
  public List<@Nullable String> addWhatFits(String stream, List<List<Object>> entries) {
    List<Command> batch =
        entries.stream().map(fields -> Command.of("XADD", stream, "*").addAll(fields)).toList();
    List<@Nullable String> ids = new ArrayList<>(entries.size());
    for (Object reply : connection.pipeline(batch)) {
      boolean full = reply instanceof ErrorReply error && error.code().equals("OOM");
      ids.add(full ? null : Replies.text(Replies.checked(reply, "XADD " + stream)));
    }
    return ids;
  }

  /** All entries of a stream. */
  public List<StreamEntry> entries(String stream) {
    return Replies.entries(call("XRANGE", stream, "-", "+"));
  }

  /** The fields of an entry as text. */
  public static Map<String, String> fields(StreamEntry entry) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (int i = 0; i < entry.size(); i++) {
      fields.put(
          new String(entry.name(i), StandardCharsets.UTF_8),
          new String(entry.value(i), StandardCharsets.UTF_8));
    }
    return fields;
  }

  /** A section of INFO. */
  public String info(String section) {
    return String.valueOf(Replies.text(call("INFO", section)));
  }

  /** Takes what memory there is, and some more, since a client that leaves gives some back. */
  public void takeAllMemory() {
    String used =
        info("memory")
            .lines()
            .filter(line -> line.startsWith("used_memory:"))
            .map(line -> line.substring(line.indexOf(':') + 1))
            .findFirst()
            .orElseThrow();
    call("SET", "ballast", "x".repeat(1 << 20));
    call("CONFIG", "SET", "maxmemory", used);
  }

  /** Ends what {@link #takeAllMemory()} began. */
  public void giveMemoryBack() {
    call("CONFIG", "SET", "maxmemory", 0);
    call("DEL", "ballast");
  }

  /** How often a command was executed, such as {@code xgroup|create}. */
  long calls(String command) {
    return info("commandstats")
        .lines()
        .filter(line -> line.startsWith("cmdstat_" + command + ":calls="))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf('=') + 1, line.indexOf(','))))
        .sum();
  }

  /** How many entries the group has read and not acknowledged. */
  public long pending(String stream, String group) {
    Object count = Replies.list(call("XPENDING", stream, group)).get(0);
    return count instanceof Long number ? number : -1;
  }

  @Override
  public void close() {
    connection.close();
  }
}
