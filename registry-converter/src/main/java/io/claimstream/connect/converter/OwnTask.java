/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.converter;

import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.ListenerNotFoundException;
import javax.management.MBeanServer;
import javax.management.MBeanServerDelegate;
import javax.management.MBeanServerNotification;
import javax.management.MalformedObjectNameException;
import javax.management.NotificationListener;
import javax.management.ObjectName;
import javax.management.relation.MBeanServerNotificationFilter;

/**
 * The Connect task of the current thread, watched for its end while the thread waits. Connect does
 * not notify a converter when its task stops, but the worker removes the task's metrics after it
 * has waited {@code task.shutdown.graceful.timeout.ms} for the thread. Used by one thread.
 */
final class OwnTask implements AutoCloseable {
  private static final String THREAD = "task-thread-";
  private static final String METRICS = "kafka.connect:type=connector-task-metrics,*";

  private final MBeanServer jmx = ManagementFactory.getPlatformMBeanServer();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final NotificationListener listener = (notification, handback) -> stopped.countDown();
  private final ObjectName metrics;

  private OwnTask(ObjectName metrics) {
    this.metrics = metrics;
  }

  /**
   * Returns the current thread's task; empty if it is not a task's thread, or if the worker does
   * not publish the task's metrics.
   */
  static Optional<OwnTask> watch() {
    String thread = Thread.currentThread().getName();
    if (!thread.startsWith(THREAD)) {
      return Optional.empty();
    }
    String id = thread.substring(THREAD.length());
    try {
      for (ObjectName name :
          ManagementFactory.getPlatformMBeanServer().queryNames(new ObjectName(METRICS), null)) {
        if (id.equals(property(name, "connector") + "-" + property(name, "task"))) {
          OwnTask task = new OwnTask(name);
          task.listen();
          return Optional.of(task);
        }
      }
      return Optional.empty();
    } catch (JMException e) {
      return Optional.empty();
    }
  }

  private static String property(ObjectName name, String key) {
    String value = String.valueOf(name.getKeyProperty(key));
    return value.startsWith("\"") ? ObjectName.unquote(value) : value;
  }

  private void listen() throws InstanceNotFoundException {
    MBeanServerNotificationFilter filter = new MBeanServerNotificationFilter();
    filter.disableAllObjectNames();
    filter.enableObjectName(metrics);
    filter.enableType(MBeanServerNotification.UNREGISTRATION_NOTIFICATION);
    jmx.addNotificationListener(MBeanServerDelegate.DELEGATE_NAME, listener, filter, null);
    if (!jmx.isRegistered(metrics)) {
      stopped.countDown();
    }
  }

  /** Returns the name of an MBean of this task: its connector and number between these parts. */
  ObjectName name(String before, String after) {
    String task =
        "connector="
            + metrics.getKeyProperty("connector")
            + ",task="
            + metrics.getKeyProperty("task");
    try {
      return new ObjectName(before + ',' + task + ',' + after);
    } catch (MalformedObjectNameException e) {
      throw new IllegalArgumentException(before + ',' + after, e); // what is between is quoted
    }
  }

  /** Waits until the task is stopped, at most that long; returns whether it was stopped. */
  boolean stopsWithin(long millis) {
    try {
      return stopped.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  @Override
  public void close() {
    try {
      jmx.removeNotificationListener(MBeanServerDelegate.DELEGATE_NAME, listener);
    } catch (InstanceNotFoundException | ListenerNotFoundException e) {
      throw new IllegalStateException(e); // the delegate is always there, and we have listened
    }
  }
}
