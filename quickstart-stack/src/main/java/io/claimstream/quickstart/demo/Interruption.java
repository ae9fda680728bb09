/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C: interrupts the main thread, once, gives it the time to close what it has opened, and ends
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
      } else if (happened()) {
        // nothing is left to do, and the JVM itself would end with the signal's status
        Runtime.getRuntime().halt(status);
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

  /** The calling thread has closed everything; that is the status to end with after Ctrl-C. */
  void closed(int result) {
    status = result;
    closed.countDown();
  }
}
