/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.management.Attribute;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServerConnection;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;

/** The connectors' MBeans in a worker that may restart at any time. Used by one thread. */
final class WorkerBeans implements AutoCloseable {
  /* The client's own grumbling about a worker that restarts; held, or its level would be lost. */
  private static final Logger CLIENT = Logger.getLogger("javax.management.remote");

  private static final ObjectName PLUGINS = pattern("kafka.connect:type=plugins,stream=*,*");
  private static final ObjectName ERRORS = pattern("kafka.connect:type=task-error-metrics,*");
  private static final String QUEUED = "deadletterqueue-produce-requests";

  private final JMXServiceURL worker;
  private @Nullable JMXConnector connector;

  WorkerBeans(JMXServiceURL worker) {
    CLIENT.setLevel(Level.OFF);
    this.worker = worker;
  }

  private static ObjectName pattern(String pattern) {
    try {
      return new ObjectName(pattern);
    } catch (MalformedObjectNameException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /**
   * What the worker's MBeans say.
   *
   * @param tasks the connectors' metrics of every task and stream
   * @param queued records that Connect has sent to the dead letter queue of each task that has one,
   *     its converters' and transforms' among them
   */
  record Reading(List<TaskFigures> tasks, Map<TaskName, Double> queued) {}

  /**
   * Returns the metrics of every task; connects first if necessary.
   *
   * @throws IOException if the worker cannot be reached; the next call tries again
   */
  @SuppressWarnings("BanJNDI") // the registry is our own worker's, on loopback
  Reading read() throws IOException {
    try {
      if (connector == null) {
        connector = JMXConnectorFactory.connect(worker);
      }
      MBeanServerConnection beans = connector.getMBeanServerConnection();
      return new Reading(tasks(beans), queued(beans));
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private static List<TaskFigures> tasks(MBeanServerConnection beans) throws IOException {
    List<TaskFigures> tasks = new ArrayList<>();
    for (ObjectName name : beans.queryNames(PLUGINS, null)) {
      Map<String, Double> values = values(beans, name);
      if (!values.isEmpty()) {
        tasks.add(
            new TaskFigures(
                key(name, "connector"),
                key(name, "task"),
                key(name, "stream"),
                key(name, "group"),
                values));
      }
    }
    tasks.sort(
        Comparator.comparing(TaskFigures::connector)
            .thenComparing(TaskFigures::task)
            .thenComparing(TaskFigures::stream));
    return tasks;
  }

  private static Map<TaskName, Double> queued(MBeanServerConnection beans) throws IOException {
    Map<TaskName, Double> queued = new HashMap<>();
    for (ObjectName name : beans.queryNames(ERRORS, null)) {
      Double count = values(beans, name).get(QUEUED);
      if (count != null) {
        queued.put(new TaskName(key(name, "connector"), key(name, "task")), count);
      }
    }
    return queued;
  }

  /** Returns the attributes that are numbers; none if the task has left the worker meanwhile. */
  private static Map<String, Double> values(MBeanServerConnection beans, ObjectName name)
      throws IOException {
    Map<String, Double> values = new TreeMap<>();
    try {
      String[] attributes =
          Arrays.stream(beans.getMBeanInfo(name).getAttributes())
              .map(MBeanAttributeInfo::getName)
              .toArray(String[]::new);
      for (Attribute attribute : beans.getAttributes(name, attributes).asList()) {
        if (attribute.getValue() instanceof Number number) {
          values.put(attribute.getName(), number.doubleValue());
        }
      }
      return values;
    } catch (InstanceNotFoundException stoppedMeanwhile) {
      return Map.of();
    } catch (JMException e) {
      throw new IOException("cannot read " + name, e);
    }
  }

  private static String key(ObjectName name, String key) {
    String value = name.getKeyProperty(key);
    if (value == null) {
      return "";
    }
    return value.startsWith("\"") ? ObjectName.unquote(value) : value;
  }

  @Override
  public void close() {
    JMXConnector open = connector;
    connector = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException alreadyGone) {
        // the worker has stopped, which closed the connection
      }
    }
  }
}
