/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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

  private final JMXServiceURL worker;
  private final ObjectName pattern;
  private @Nullable JMXConnector connector;

  WorkerBeans(JMXServiceURL worker) {
    CLIENT.setLevel(Level.OFF);
    this.worker = worker;
    try {
      this.pattern = new ObjectName("kafka.connect:type=plugins,stream=*,*");
    } catch (MalformedObjectNameException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /**
   * Returns the metrics of every task; connects first if necessary.
   *
   * @throws IOException if the worker cannot be reached; the next call tries again
   */
  @SuppressWarnings("BanJNDI") // the registry is our own worker's, on loopback
  List<TaskFigures> read() throws IOException {
    try {
      if (connector == null) {
        connector = JMXConnectorFactory.connect(worker);
      }
      return read(connector.getMBeanServerConnection());
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private List<TaskFigures> read(MBeanServerConnection beans) throws IOException {
    List<TaskFigures> tasks = new ArrayList<>();
    for (ObjectName name : beans.queryNames(pattern, null)) {
      try {
        tasks.add(read(beans, name));
      } catch (InstanceNotFoundException stoppedMeanwhile) {
        // the task has left the worker
      } catch (JMException e) {
        throw new IOException("cannot read " + name, e);
      }
    }
    tasks.sort(
        Comparator.comparing(TaskFigures::connector)
            .thenComparing(TaskFigures::task)
            .thenComparing(TaskFigures::stream));
    return tasks;
  }

  private static TaskFigures read(MBeanServerConnection beans, ObjectName name)
      throws IOException, JMException {
    String[] attributes =
        Arrays.stream(beans.getMBeanInfo(name).getAttributes())
            .map(MBeanAttributeInfo::getName)
            .toArray(String[]::new);
    Map<String, Double> values = new TreeMap<>();
    for (Attribute attribute : beans.getAttributes(name, attributes).asList()) {
      if (attribute.getValue() instanceof Number number) {
        values.put(attribute.getName(), number.doubleValue());
      }
    }
    return new TaskFigures(
        key(name, "connector"), key(name, "task"), key(name, "stream"), key(name, "group"), values);
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
