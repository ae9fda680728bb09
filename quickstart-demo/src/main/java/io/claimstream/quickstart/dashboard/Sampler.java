/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import io.claimstream.quickstart.dashboard.DashboardSources.Latency;
import io.claimstream.quickstart.dashboard.Headlines.Moment;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Polls the worker's metrics and keeps the recent history. */
final class Sampler {
  /* ten minutes, a second apart */
  private static final int KEPT = 600;
  private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);

  private final WorkerBeans beans;
  private final Supplier<Latency> latency;
  private final Clock clock;
  private final Deque<Headlines> history = new ArrayDeque<>();
  private @Nullable Moment last;
  private boolean answering;

  Sampler(WorkerBeans beans, Supplier<Latency> latency, Clock clock) {
    this.beans = beans;
    this.latency = latency;
    this.clock = clock;
  }

  /**
   * The data of the page.
   *
   * @param answering whether the last request succeeded
   * @param moment the metrics of the last successful request; null if there is none
   * @param history the history up to then
   */
  record View(boolean answering, @Nullable Moment moment, List<Headlines> history) {}

  /** Requests the metrics once. Called by one thread. */
  void sample() {
    try {
      WorkerBeans.Reading read = beans.read();
      note(new Moment(clock.millis(), read.tasks(), read.queued()));
    } catch (IOException | RuntimeException e) {
      lost(e);
    }
  }

  private synchronized void note(Moment now) {
    history.addLast(Headlines.of(now, last == null ? now : last, latency.get()));
    if (history.size() > KEPT) {
      history.removeFirst();
    }
    last = now;
    answering = true;
  }

  private synchronized void lost(Exception e) {
    if (answering) {
      LOG.info("The worker does not reply over JMX: {}", e.toString());
    }
    answering = false;
  }

  /** Returns the page's data, with the history after that time only. */
  synchronized View view(long after) {
    return new View(
        answering, last, history.stream().filter(point -> point.time() > after).toList());
  }
}
