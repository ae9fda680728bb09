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
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An in-memory Redis server: streams with groups, hashes, strings, transactions and scripts, with
 * the replies and errors of Redis 7.0. Safe for use by several threads, which one lock serializes.
 *
 * <p>A read with {@code BLOCK} never waits: if there is nothing to return, it runs the action of
 * {@link #whenReadBlocks} and returns null. Connections open as if all keys had one master.
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
  private IntSupplier replicas = () -> 0;
  private int node = Trimming.NODE;

  /** Creates an empty server. */
  public FakeRedis(Clock clock) {
    new StringCommands(keys, clock).addTo(table);
    new HashCommands(keys).addTo(table);
    new StreamCommands(keys, clock, () -> node).addTo(table);
    new ReadCommands(keys, clock, patience -> readBlocks.accept(patience)).addTo(table);
    new GroupCommands(keys, clock).addTo(table);
    new PendingCommands(keys, clock).addTo(table);
    new InfoCommands(keys, clock).addTo(table);
    table.add("WAIT", 3, a -> (long) replicas.getAsInt());
    table.add("WAITAOF", 4, a -> List.of(a.number(0), (long) replicas.getAsInt()));
    scripts.addTo(table);
    scripts.register(FakeGuardedScript.source(), new FakeGuardedScript());
    scripts.register(FakeTrimScript.source(), new FakeTrimScript());
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
   * Executes a command outside all connections, faults and limits, for setup and inspection.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if the reply is an error
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

  /**
   * Makes the groups of streams that are created from now on count entries that were trimmed before
   * they were read as read, as Redis 8 and Valkey 8.1 do.
   */
  public void countTrimmedAsRead() {
    locked(
        () -> {
          keys.countTrimmedAsRead();
          return null;
        });
  }

  /** Sets the plan of faults from now on; replaces the previous one. */
  public void faults(FaultPlan plan) {
    locked(() -> faults = plan);
  }

  /**
   * Sets whether the server is at its {@code maxmemory} and evicts nothing: it refuses commands
   * that may need memory, and every command of a transaction. In scripts it refuses such a command
   * only before their first write.
   */
  public void full(boolean now) {
    locked(
        () -> {
          memory.reached(now);
          return now;
        });
  }

  /**
   * Sets what WAIT and WAITAOF reply: how many replicas have all writes. The master's append-only
   * file always has them.
   */
  public void replicas(IntSupplier upToDate) {
    locked(() -> replicas = upToDate);
  }

  /** Sets how many entries approximate trimming removes at once; 100 unless it is set. */
  public void entriesPerNode(int entries) {
    locked(() -> node = entries);
  }

  /**
   * Sets an action for a read that has nothing to return and would block, such as moving a clock or
   * adding entries; the read then looks again. The action runs in the reading thread and must not
   * wait for other threads, because it holds the server's lock.
   */
  public void whenReadBlocks(Consumer<Duration> action) {
    locked(() -> readBlocks = action);
  }

  /**
   * Runs an action before each command of a connection, except inside a transaction: other clients
   * act between two commands of one client. It runs in the sending thread, and may use other
   * connections, before whose commands it runs as well.
   */
  public void between(Consumer<Command> action) {
    locked(() -> others = action);
  }

  /** Defines the effect of a script, which is identified by its text. */
  public void script(String text, ScriptFunction function) {
    locked(() -> scripts.register(text, function));
  }

  /** Deletes all keys, as by FLUSHALL or a restart without persistence. */
  public void flushAll() {
    call("FLUSHALL");
  }

  /** Returns a snapshot of the server's data for {@link #comeBackAs}. */
  public Snapshot snapshot() {
    return locked(() -> new Snapshot(keys.copy()));
  }

  /**
   * Restores an earlier snapshot, as a server does that lost acknowledged writes in a crash, or a
   * lagging replica that was promoted: connections break, commands in flight to the former server
   * never arrive, and scripts are lost.
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

  /** A snapshot of a server's data. */
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

  /** Breaks all connections and refuses new ones until {@link #start}; keys and scripts remain. */
  public void stop() {
    locked(() -> reachable = false);
    killConnections();
  }

  /** Accepts connections again. */
  public void start() {
    locked(() -> reachable = true);
  }

  /** Returns the number of open connections. */
  public int openConnections() {
    return locked(connections::size);
  }

  void letOthersActBefore(Command command) {
    others.accept(command);
  }

  @Nullable Fault nextFault(Command command) {
    return faults.next(command);
  }

  /** Runs an action after that many more commands were executed. */
  void later(int commands, Runnable action) {
    held.add(new Held(executed + commands, action));
  }

  /** Executes commands that were delayed long enough, before the next command. */
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
