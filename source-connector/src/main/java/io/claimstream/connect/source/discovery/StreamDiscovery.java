/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.discovery;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.error.RedisConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.connector.ConnectorContext;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams that match a pattern, searched for in a thread of its own. Has Connect reconfigure
 * the connector's tasks whenever they change. Safe for use by several threads.
 *
 * <p>While Redis is unavailable, the streams stay what they are. As long as they have never been
 * found, Connect keeps the tasks of the connector's last configuration.
 */
public final class StreamDiscovery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamDiscovery.class);

  /** Maximum wait for the first search: Connect calls the connector on its main thread. */
  private static final Duration FIRST_SEARCH = Duration.ofSeconds(3);

  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofSeconds(2);
  private static final int NAMED = 20;

  private final String connector;
  private final StreamSelection selection;
  private final Duration interval;
  private final StreamScan scan;
  private final ConnectorContext context;
  private final CountDownLatch first = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  private volatile @Nullable List<String> streams;
  private volatile String failure = "the first search has not ended yet";
  private boolean isTaken;
  private boolean isReconfigurationDue;
  private boolean isFailing;
  private boolean hasRaised;

  /**
   * Creates a search that has not begun.
   *
   * @param interval time between the end of a search and the next one
   * @param context the connector's context in Connect
   */
  public StreamDiscovery(
      String connector,
      StreamSelection selection,
      Duration interval,
      RedisConnections connections,
      ConnectorContext context) {
    this.connector = connector;
    this.selection = selection;
    this.interval = interval;
    this.scan = new StreamScan(connections, selection.pattern());
    this.context = context;
    this.thread = new Thread(this::run, "claimstream-streams-" + connector);
    thread.setDaemon(true);
  }

  /** Begins to search. */
  public StreamDiscovery started() {
    thread.start();
    return this;
  }

  /**
   * Returns the streams to read, in order of their names; waits for the first search for a few
   * seconds.
   *
   * @throws ConnectException if no search has succeeded since the start; once one does, the tasks
   *     are reconfigured
   */
  public List<String> streams() {
    try {
      if (first.await(FIRST_SEARCH.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.debug("connector '{}': the streams are known", connector);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConnectException(e);
    }
    List<String> now = taken();
    if (now == null) {
      throw new ConnectException(
          "the streams of redis.streams.pattern="
              + selection.pattern()
              + " are not known yet, so the tasks of connector '"
              + connector
              + "' stay as they are: "
              + failure);
    }
    return now;
  }

  /** Returns the streams; from now on every change requires a reconfiguration. */
  private synchronized @Nullable List<String> taken() {
    isTaken = true;
    return streams;
  }

  /** Stores the streams; a reconfiguration is due if Connect has taken others, or none. */
  private synchronized void replace(List<String> now) {
    isReconfigurationDue |= isTaken && !now.equals(streams);
    streams = now;
  }

  private void run() {
    try {
      boolean isOver = false;
      while (!isOver) {
        search();
        Duration pause = streams == null ? shorter(FIRST_RETRY, interval) : interval;
        isOver = closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      LOG.debug("connector '{}': the search for streams was interrupted", connector);
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** Searches once. No failure ends the thread: the next search may succeed. */
  private void search() {
    try {
      List<String> known = streams == null ? List.of() : streams;
      Set<String> found = scan.find();
      Set<String> missed = new HashSet<>(known);
      missed.removeAll(found);
      found.addAll(scan.existing(missed));
      if (isFailing) {
        isFailing = false;
        LOG.info("Connector '{}': the search for streams succeeds again", connector);
      }
      apply(known, selection.select(found, known));
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void apply(List<String> known, List<String> now) {
    boolean isFirst = streams == null;
    replace(now);
    first.countDown();
    if (!isFirst) {
      report(known, now);
    } else if (!now.isEmpty()) {
      LOG.info(
          "Connector '{}': {} streams match redis.streams.pattern={}: {}",
          connector,
          now.size(),
          selection.pattern(),
          some(now));
    }
    if (now.isEmpty() && (isFirst || !known.isEmpty())) {
      LOG.warn(
          "Connector '{}': no stream matches redis.streams.pattern={}; it runs no task until one"
              + " does. If producers write to other streams, correct the pattern.",
          connector,
          selection.pattern());
    }
    if (isReconfigurationDue && closed.getCount() > 0) {
      context.requestTaskReconfiguration(); // if this fails, the next search repeats it
      isReconfigurationDue = false;
    }
  }

  private void report(List<String> known, List<String> now) {
    List<String> added = without(now, known);
    List<String> gone = without(known, now);
    if (!added.isEmpty()) {
      LOG.info(
          "Connector '{}': found {} more streams that match redis.streams.pattern={}: {}. It reads"
              + " {} streams now.",
          connector,
          added.size(),
          selection.pattern(),
          some(added),
          now.size());
    }
    if (!gone.isEmpty()) {
      LOG.warn(
          "Connector '{}': {} streams do not exist any more and are let go: {}. Their entries that"
              + " were not read are lost. It reads {} streams now.",
          connector,
          gone.size(),
          String.join(", ", gone),
          now.size());
    }
  }

  private static List<String> without(List<String> some, Collection<String> others) {
    List<String> rest = new ArrayList<>(some);
    rest.removeAll(new HashSet<>(others));
    return rest;
  }

  private static String some(List<String> names) {
    String text = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
    return names.size() > NAMED ? text + ", …" : text;
  }

  private void failed(RuntimeException e) {
    failure = String.valueOf(e.getMessage());
    if (closed.getCount() == 0) {
      return;
    }
    if (!isFailing) {
      isFailing = true;
      LOG.warn(
          "Connector '{}': the search for streams that match redis.streams.pattern={} failed;"
              + " {}, and the search is retried: {}",
          connector,
          selection.pattern(),
          streams == null ? "the tasks stay as they are" : "the known streams are read on",
          failure);
    }
    if (streams == null && !hasRaised && e instanceof RedisConfigurationException) {
      // shows in the connector's status; Connect reconfigures nothing until it is restarted
      hasRaised = true;
      context.raiseError(e);
    }
  }

  /** Stops to search, and waits for a search in progress for a limited time. */
  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join(STOP.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      LOG.debug("connector '{}': a search for streams ends with the reply of Redis", connector);
    }
  }
}
