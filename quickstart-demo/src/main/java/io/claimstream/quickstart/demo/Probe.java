/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Polls a server in a thread of its own and keeps the last reply, so that a server that hangs
 * blocks nothing else.
 */
final class Probe<T> implements AutoCloseable {
  private final BackgroundTask task;
  private volatile @Nullable Reading<T> last;

  /**
   * The result of a poll.
   *
   * @param askedAt the value of {@link System#nanoTime} at the request
   * @param value the reply; null if there was none
   * @param failure the reason why there was none
   */
  record Reading<T>(long askedAt, @Nullable T value, @Nullable String failure) {
    boolean isAnswer() {
      return failure == null;
    }
  }

  private Probe(String name, Duration period, Callable<T> question) {
    task =
        BackgroundTask.start(
            name,
            impossible -> {},
            stop -> {
              while (!stop.isAsked()) {
                last = ask(question);
                stop.await(period);
              }
            });
  }

  /**
   * Starts polling.
   *
   * @param question the request; must have a timeout
   */
  static <T> Probe<T> start(String name, Duration period, Callable<T> question) {
    return new Probe<>(name, period, question);
  }

  private static <T> Reading<T> ask(Callable<T> question) throws InterruptedException {
    long now = System.nanoTime();
    try {
      return new Reading<>(now, question.call(), null);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      String message = e.getMessage();
      return new Reading<>(now, null, message == null ? e.toString() : message);
    }
  }

  /** Returns the latest result; empty before the first. */
  Optional<Reading<T>> last() {
    return Optional.ofNullable(last);
  }

  @Override
  public void close() {
    task.close();
  }
}
