/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The first failure of any background task, for the thread that watches the run. */
final class Failures {
  private final CompletableFuture<Void> first = new CompletableFuture<>();

  /** Reports a failure; only the first one counts. */
  void report(Exception failure) {
    first.completeExceptionally(failure);
  }

  /**
   * Waits that long.
   *
   * @throws DemoException as soon as there is a failure
   */
  void await(Duration time) throws InterruptedException {
    try {
      first.get(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException nothingFailed) {
      return;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (cause instanceof DemoException known) {
        throw known;
      }
      throw new DemoException(cause.toString(), cause);
    }
  }
}
