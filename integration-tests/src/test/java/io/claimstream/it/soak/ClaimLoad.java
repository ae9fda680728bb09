/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import io.claimstream.it.Redis;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Appends claims to the master at a steady rate until it is closed, and writes them into the
 * ledger. It waits while Redis is away, and never appends an entry a second time.
 */
final class ClaimLoad implements AutoCloseable {
  private static final int BATCH = 10;
  private static final Duration PACE = Duration.ofMillis(50);
  private static final Duration AFTER_A_FAILURE = Duration.ofMillis(100);

  private final SoakServers servers;
  private final Ledger ledger;
  private final Object batch = new Object();
  private final Thread thread = new Thread(this::run, "claim-load");
  private volatile boolean closed;
  private volatile boolean paused;

  /** Begins at once. */
  ClaimLoad(SoakServers servers, Ledger ledger) {
    this.servers = servers;
    this.ledger = ledger;
    thread.start();
  }

  /** Returns when nothing more is appended. */
  void pause() {
    paused = true;
    synchronized (batch) {
      batch.notifyAll(); // the batch that was in the making is done
    }
  }

  /** Appends again. */
  void resume() {
    paused = false;
  }

  private void run() {
    while (!closed) {
      try (Redis master = servers.openRedis()) {
        while (!closed) {
          append(master);
          LockSupport.parkNanos(PACE.toNanos());
        }
      } catch (RuntimeException away) {
        LockSupport.parkNanos(AFTER_A_FAILURE.toNanos());
      }
    }
  }

  private void append(Redis master) {
    synchronized (batch) {
      if (paused) {
        return;
      }
      int first = ledger.begin(BATCH);
      List<List<Object>> entries =
          IntStream.range(first, first + BATCH).mapToObj(Ledger::entry).toList();
      List<@Nullable String> ids = master.addWhatFits(SoakServers.EVENTS, entries);
      for (int i = 0; i < BATCH; i++) {
        ledger.answered(first + i, ids.get(i));
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
