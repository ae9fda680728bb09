/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C: interrupts the main thread, once, and gives it the time to close what it has opened.
 * Never interrupts it while it is closing.
 */
final class Interruption {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(40);

  private final Thread main;
  private final CountDownLatch closed = new CountDownLatch(1);
  private boolean closing;
  private boolean interrupted;

  private Interruption(Thread main) {
    this.main = main;
  }

  /** Watches for the end of this JVM on behalf of the calling thread. */
  static Interruption ofThisThread() {
    Interruption interruption = new Interruption(Thread.currentThread());
    Runtime.getRuntime().addShutdownHook(new Thread(interruption::end, "ctrl-c"));
    return interruption;
  }

  private void end() {
    synchronized (this) {
      if (!closing) {
        interrupted = true;
        main.interrupt();
      }
    }
    try {
      if (!closed.await(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        System.err.println("some files may be left: closing took too long");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** From here on the calling thread closes and is not interrupted. */
  synchronized void closing() {
    closing = true;
    Thread.interrupted();
  }

  /** Whether Ctrl-C came before {@link #closing}. */
  synchronized boolean happened() {
    return interrupted;
  }

  /** The calling thread has closed everything. */
  void closed() {
    closed.countDown();
  }
}
