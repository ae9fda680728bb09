/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A Redis server in memory: streams with groups, hashes, strings, transactions and scripts, with
 * the replies and errors of Redis 7.0. Safe for use by several threads; one lock serves them in
 * turn.
 *
 * <p>A read with {@code BLOCK} never waits: it returns null at once when there is nothing, after
 * what {@link #whenReadBlocks} says has been done. Connections open as if all keys had one master.
 */
public final class FakeRedis implements RedisConnections {
  static final String ADDRESS = "fake:6379";

  private final ReentrantLock lock = new ReentrantLock();
  private final Keyspace keys = new Keyspace();
  private final CommandTable table = new CommandTable();
  private final Set<FakeConnection> connections = new LinkedHashSet<>();
  private final MemoryLimit memory = new MemoryLimit();
  private final Scripts scripts = new Scripts(table, memory);
  private final List<Held> held = new ArrayList<>();
  private FaultPlan faults = FaultPlan.none();
  private Consumer<Command> others = command -> {};
  private long executed;
  private Consumer<Duration> readBlocks = patience -> {};
  private boolean reachable = true;

  /** An empty server. */
  public FakeRedis(Clock clock) {
    new StringCommands(keys, clock).addTo(table);
    new HashCommands(keys).addTo(table);
    new StreamCommands(keys, clock).addTo(table);
    new ReadCommands(keys, clock, patience -> readBlocks.accept(patience)).addTo(table);
    new GroupCommands(keys, clock).addTo(table);
    new PendingCommands(keys, clock).addTo(table);
    new InfoCommands(keys, clock).addTo(table);
    scripts.addTo(table);
    scripts.register(FakeGuardedScript.source(), new FakeGuardedScript());
    Session.addTo(table);
  }

  @Override
  public RedisConnection open(String key) {
    return locked(
        () -> {
          if (!reachable) {
            throw new RedisOutageException("cannot connect to Redis at " + ADDRESS, null);
          }
          FakeConnection connection =
              new FakeConnection(this, lock, new Session(keys, table, memory));
          connections.add(connection);
          return connection;
        });
  }

  /**
   * Executes one command besides all connections, faults and limits, to prepare and to look.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException what an error reply means
   */
  public @Nullable Object call(String name, Object... arguments) {
    Command command = Command.of(name, arguments);
    return Replies.checked(callRaw(command), command);
  }

  private @Nullable Object callRaw(Command command) {
    lock.lock();
    try {
      return new Session(keys, table, new MemoryLimit()).execute(command);
    } finally {
      lock.unlock();
    }
  }

  /** Lets that plan decide what goes wrong from now on, in place of the one before. */
  public void faults(FaultPlan plan) {
    locked(() -> faults = plan);
  }

  /**
   * Says whether it is at its {@code maxmemory} and evicts nothing: it refuses commands that may
   * need memory, and every command of a transaction. Scripts are refused such a command only before
   * their first write.
   */
  public void full(boolean now) {
    locked(
        () -> {
          memory.reached(now);
          return now;
        });
  }

  /**
   * Does that when a read has nothing to return and would wait, such as moving a clock or adding
   * entries; the read then looks once more. The action runs in the reading thread and must not wait
   * for others, since it holds the server's lock.
   */
  public void whenReadBlocks(Consumer<Duration> action) {
    locked(() -> readBlocks = action);
  }

  /**
   * Does that before each command of a connection, except inside a transaction: what other clients
   * do between two commands of one. It runs in the thread that sends, and may use other
   * connections, before whose commands it runs as well.
   */
  public void between(Consumer<Command> action) {
    locked(() -> others = action);
  }

  /** Says what a script does; its text is all that names it. */
  public void script(String text, ScriptFunction function) {
    locked(() -> scripts.register(text, function));
  }

  /** Deletes all keys, as an operator or a restart without persistence would. */
  public void flushAll() {
    call("FLUSHALL");
  }

  /** What the server holds now, to {@link #comeBackAs} later. */
  public Snapshot snapshot() {
    return locked(() -> new Snapshot(keys.copy()));
  }

  /**
   * Comes back with what it held earlier, as a server does that lost acknowledged writes in a
   * crash, or a replica that lagged and was promoted: connections break, what was on its way to the
   * former server never arrives, and scripts are unknown.
   */
  public void comeBackAs(Snapshot earlier) {
    locked(
        () -> {
          held.clear();
          scripts.unloadAll();
          keys.replaceAll(earlier.keys);
          return earlier;
        });
    killConnections();
  }

  /** What a server held at some moment. */
  public static final class Snapshot {
    private final Map<String, Object> keys;

    private Snapshot(Map<String, Object> keys) {
      this.keys = keys;
    }
  }

  /** Breaks all open connections; new ones can be opened. */
  public void killConnections() {
    lock.lock();
    try {
      List.copyOf(connections).forEach(FakeConnection::kill);
    } finally {
      lock.unlock();
    }
  }

  /** Closes all connections, as a server does with idle ones after its {@code timeout}. */
  public void closeIdleConnections() {
    lock.lock();
    try {
      List.copyOf(connections).forEach(FakeConnection::closeWhileIdle);
    } finally {
      lock.unlock();
    }
  }

  /** Breaks all connections and refuses new ones until {@link #start}; keys and scripts stay. */
  public void stop() {
    locked(() -> reachable = false);
    killConnections();
  }

  /** Accepts connections again. */
  public void start() {
    locked(() -> reachable = true);
  }

  /** How many connections are open. */
  public int openConnections() {
    return locked(connections::size);
  }

  void letOthersActBefore(Command command) {
    others.accept(command);
  }

  @Nullable Fault nextFault(Command command) {
    return faults.next(command);
  }

  /** Does that when so many more commands were executed. */
  void later(int commands, Runnable action) {
    held.add(new Held(executed + commands, action));
  }

  /** Executes what was held back for long enough, before the next command. */
  void executeLate() {
    executed++;
    List<Held> due = held.stream().filter(each -> each.due() <= executed).toList();
    held.removeAll(due);
    due.forEach(each -> each.action().run());
  }

  private record Held(long due, Runnable action) {}

  void forget(FakeConnection connection) {
    connections.remove(connection);
  }

  private <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }
}
