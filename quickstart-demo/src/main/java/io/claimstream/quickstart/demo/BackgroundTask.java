/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Work in a thread of its own that runs until it is done, fails or is closed. */
final class BackgroundTask implements AutoCloseable {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  private final Stop stop = new Stop();
  private final Thread thread;

  /** The work; must return soon after a stop is requested. */
  @FunctionalInterface
  interface Body {
    void run(Stop stop) throws Exception;
  }

  /** The request to stop. */
  static final class Stop {
    private final CountDownLatch asked = new CountDownLatch(1);

    boolean isAsked() {
      return asked.getCount() == 0;
    }

    /** Waits that long, or until a stop is requested. */
    void await(Duration longest) throws InterruptedException {
      asked.await(longest.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private BackgroundTask(String name, Consumer<Exception> onFailure, Body body) {
    thread = new Thread(() -> run(onFailure, body), name);
    thread.setDaemon(true);
  }

  /** Starts the work; a failure is passed to the consumer in the work's thread. */
  static BackgroundTask start(String name, Consumer<Exception> onFailure, Body body) {
    BackgroundTask task = new BackgroundTask(name, onFailure, body);
    task.thread.start();
    return task;
  }

  private void run(Consumer<Exception> onFailure, Body body) {
    try {
      body.run(stop);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      onFailure.accept(e);
    }
  }

  @Override
  public void close() {
    stop.asked.countDown();
    try {
      thread.join(STOP_TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
