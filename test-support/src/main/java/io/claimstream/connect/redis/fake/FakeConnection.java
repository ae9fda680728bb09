/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection: commands are executed when they are sent, and their replies wait to be
 * received.
 */
final class FakeConnection implements RedisConnection {
  private final FakeRedis server;
  private final ReentrantLock lock;
  private final Session session;
  private final List<@Nullable Object> replies = new ArrayList<>();
  private final List<Command> late = new ArrayList<>();
  private boolean broken;
  private boolean closedWhileIdle;

  FakeConnection(FakeRedis server, ReentrantLock lock, Session session) {
    this.server = server;
    this.lock = lock;
    this.session = session;
  }

  @Override
  public void send(List<Command> commands) {
    lock.lock();
    try {
      if (broken) {
        throw lost();
      }
      for (Command command : commands) {
        if (!broken && !session.isInTransaction()) {
          server.letOthersActBefore(command); // which may break this connection
        }
        if (!broken) {
          execute(command);
        } else if (!late.isEmpty()) {
          late.add(command);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void execute(Command command) {
    server.executeLate();
    Fault fault = server.nextFault(command);
    if (fault == Fault.Break.BEFORE_EXECUTION) {
      breakOff();
    } else if (fault == Fault.Break.AFTER_EXECUTION) {
      session.execute(command);
      breakOff();
    } else if (fault instanceof Fault.Late held) {
      late.add(command);
      server.later(held.commands(), () -> late.forEach(session::execute));
      breakOff();
    } else if (fault instanceof Fault.Refusal refusal) {
      replies.add(session.refuse(command, refusal.error()));
    } else {
      replies.add(session.execute(command));
    }
  }

  @Override
  public List<@Nullable Object> receive(int count, Duration patience) {
    lock.lock();
    try {
      if (replies.size() < count) {
        if (broken) {
          throw lost();
        }
        throw new IllegalStateException("more replies awaited than commands sent");
      }
      List<@Nullable Object> next = replies.subList(0, count);
      List<@Nullable Object> received = new ArrayList<>(next);
      next.clear();
      return received;
    } finally {
      lock.unlock();
    }
  }

  /** Breaks the connection; replies in flight still arrive. */
  private void breakOff() {
    broken = true;
    server.forget(this);
  }

  /** Closes the connection after all replies were sent; they can still be received. */
  void closeWhileIdle() {
    closedWhileIdle = true;
    breakOff();
  }

  @Override
  public boolean isClosedByServer() {
    lock.lock();
    try {
      return closedWhileIdle && replies.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Breaks the connection and loses all replies. */
  void kill() {
    replies.clear();
    breakOff();
  }

  private RedisOutageException lost() {
    return new RedisOutageException("connection to Redis at " + address() + " lost", null);
  }

  @Override
  public String address() {
    return FakeRedis.ADDRESS;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      kill();
    } finally {
      lock.unlock();
    }
  }
}
