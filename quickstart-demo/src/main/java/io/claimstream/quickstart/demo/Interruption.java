/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Handles Ctrl-C: interrupts the main thread once, gives it time to close its resources, and ends
 * the JVM with the main thread's status. Never interrupts it while it is closing.
 */
final class Interruption {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(40);

  private final Thread main;
  private final CountDownLatch closed = new CountDownLatch(1);
  private boolean closing;
  private boolean interrupted;
  private volatile int status;

  private Interruption(Thread main) {
    this.main = main;
  }

  /** Handles Ctrl-C on behalf of the calling thread. */
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
        System.err.println("closing took too long; some files may be left");
      } else if (happened()) {
        // nothing is left to do, and the JVM itself would exit with the signal's status
        Runtime.getRuntime().halt(status);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Marks the calling thread as closing: it is not interrupted from here on. */
  synchronized void closing() {
    closing = true;
    Thread.interrupted();
  }

  /** Returns whether Ctrl-C was pressed before {@link #closing}. */
  synchronized boolean happened() {
    return interrupted;
  }

  /** Reports that the calling thread has closed everything, with the exit status after Ctrl-C. */
  void closed(int result) {
    status = result;
    closed.countDown();
  }
}
