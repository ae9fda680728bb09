/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import io.claimstream.connect.redis.metrics.JmxNames;
import java.lang.management.ManagementFactory;
import java.util.OptionalDouble;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * Connect's failure count of this task. Connect reports to a task that a record was dropped, but
 * not whether a filter dropped it on purpose; a filter does not increase this count. Safe for use
 * by several threads.
 *
 * @see <a href="https://kafka.apache.org/documentation/#connect_monitoring">task-error-metrics</a>
 */
public final class FailureCount {
  private static final String ATTRIBUTE = "total-record-failures";

  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
  private final String bean;

  /** Creates the count of one task of a connector. */
  public FailureCount(String connector, String task) {
    this.bean =
        "kafka.connect:type=task-error-metrics,connector="
            + JmxNames.value(connector)
            + ",task="
            + JmxNames.value(task);
  }

  /** The current count; empty if the worker does not publish it over JMX. */
  public OptionalDouble now() {
    try {
      return server.getAttribute(new ObjectName(bean), ATTRIBUTE) instanceof Number number
          ? OptionalDouble.of(number.doubleValue())
          : OptionalDouble.empty();
    } catch (JMException e) {
      return OptionalDouble.empty();
    }
  }
}
