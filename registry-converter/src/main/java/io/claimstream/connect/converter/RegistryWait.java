/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.converter;

import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.connect.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Retries conversions while the registry is unavailable. Safe for use by several threads. */
final class RegistryWait {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryConverter.class);
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;
  private static final long LOG_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final String registry;
  private final String converter;

  RegistryWait(String registry, String converter) {
    this.registry = registry;
    this.converter = converter;
  }

  /**
   * Retries a conversion until the registry replies, if it failed because the registry did not.
   *
   * <p>Does not leave the retries to Connect: Connect retries a converter for at most {@code
   * errors.retry.timeout} (not at all by default), and treats a record that waits while its task is
   * stopped as a failed one, so that {@code errors.tolerance=all} dead-letters it.
   *
   * @param failure the failure of the first attempt
   * @throws RuntimeException as thrown by the conversion, if the record is at fault
   * @throws RetriableException if this is not the thread of a task that can be watched
   * @throws ConversionStopped when the task is stopped meanwhile
   */
  <T> T retry(String topic, RuntimeException failure, Supplier<T> conversion) {
    String reason = RegistryOutage.in(failure).orElseThrow(() -> failure);
    String what =
        "Schema registry "
            + registry
            + " is unavailable ("
            + reason
            + "): the "
            + converter
            + " of a record of topic '"
            + topic
            + "' waits for it";
    try (OwnTask task = OwnTask.watch().orElseThrow(() -> new RetriableException(what, failure));
        Outage outage = new Outage(task)) {
      LOG.warn("{}. Trying again until it is back; no record is skipped or dead-lettered", what);
      return retry(task, outage, what, conversion);
    }
  }

  private <T> T retry(OwnTask task, Outage outage, String what, Supplier<T> conversion) {
    long pause = FIRST_PAUSE_MILLIS;
    long logged = System.nanoTime();
    while (true) {
      if (task.stopsWithin(pause / 2 + ThreadLocalRandom.current().nextLong(pause))) {
        throw new ConversionStopped(what + ", and its task was stopped. It is read again");
      }
      outage.attempts.incrementAndGet();
      try {
        T converted = conversion.get();
        LOG.info(
            "Schema registry {} is back after {} s", registry, Math.round(outage.getSeconds()));
        return converted;
      } catch (RuntimeException e) {
        Optional<String> reason = RegistryOutage.in(e);
        if (reason.isEmpty()) {
          LOG.info(
              "Schema registry {} answers again after {} s",
              registry,
              Math.round(outage.getSeconds()));
          throw e;
        }
        if (System.nanoTime() - logged > LOG_EVERY_NANOS) {
          logged = System.nanoTime();
          LOG.warn(
              "{}, for {} s and {} attempts now; the last failed with {}",
              what,
              Math.round(outage.getSeconds()),
              outage.getAttempts(),
              reason.get());
        }
      }
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  /** One outage, published over JMX. */
  private final class Outage implements RegistryWaitMXBean, AutoCloseable {
    private final MBeanServer jmx = ManagementFactory.getPlatformMBeanServer();
    private final long began = System.nanoTime();
    private final ObjectName name;
    private final AtomicLong attempts = new AtomicLong();

    Outage(OwnTask task) {
      this.name = task.name("claimstream:type=registry-wait", "converter=" + converter);
      try {
        if (!jmx.isRegistered(name)) {
          jmx.registerMBean(this, name);
        }
      } catch (JMException e) {
        LOG.debug("{} is not shown", name, e);
      }
    }

    @Override
    public double getSeconds() {
      return (System.nanoTime() - began) / 1e9;
    }

    @Override
    public long getAttempts() {
      return attempts.get();
    }

    @Override
    public void close() {
      try {
        if (jmx.isRegistered(name)) {
          jmx.unregisterMBean(name);
        }
      } catch (JMException e) {
        LOG.debug("{} is gone already", name, e);
      }
    }
  }
}
