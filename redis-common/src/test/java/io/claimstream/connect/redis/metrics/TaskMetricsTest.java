/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.management.ManagementFactory;
import java.util.Map;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.junit.jupiter.api.Test;

class TaskMetricsTest {
  private static final String BEAN =
      "kafka.connect:type=plugins,connector=claims,task=7,stream=\"claims:events\"";

  private final MBeanServer jmx = ManagementFactory.getPlatformMBeanServer();

  private static PluginMetrics noneAsBefore41() {
    throw new NoSuchMethodError("pluginMetrics");
  }

  @Test
  void anOlderWorkersMetricsAreBeansUnderTheNamesOfANewerOne() throws Exception {
    // given
    ObjectName bean = new ObjectName(BEAN);
    try (TaskMetrics metrics = TaskMetrics.of("claims", "7", TaskMetricsTest::noneAsBefore41)) {
      TaskMetrics.Tagged stream = metrics.tagged("stream", "claims:events");

      // when
      Counter read = stream.counter("entries-read", "Entries read");
      Timing latency = stream.timing("read-latency", "Time of a read");
      stream.gauge("group-lag", "Entries not read yet", () -> Double.NaN);
      read.add(30);
      metrics.update();
      read.add(30);
      latency.record(2);
      latency.record(4);

      // then
      assertThat(jmx.getAttribute(bean, "entries-read-total")).isEqualTo(60.0);
      assertThat((Double) jmx.getAttribute(bean, "entries-read-rate")).isPositive();
      assertThat(jmx.getAttribute(bean, "read-latency-avg")).isEqualTo(3.0);
      assertThat(jmx.getAttribute(bean, "read-latency-max")).isEqualTo(4.0);
      assertThat(jmx.getAttribute(bean, "group-lag")).isEqualTo(Double.NaN);
    }
    assertThat(jmx.isRegistered(bean)).isFalse();
  }

  @Test
  void aNewerWorkerPublishesForTheTask() {
    try (Metrics worker = new Metrics();
        PluginMetricsImpl plugin = new PluginMetricsImpl(worker, Map.of("connector", "claims"))) {
      int before = worker.metrics().size();

      TaskMetrics metrics = TaskMetrics.of("claims", "7", () -> plugin);
      metrics.tagged("stream", "a").gauge("group-lag", "Entries not read yet", () -> 5);
      metrics.tagged("stream", "b").gauge("group-lag", "Entries not read yet", () -> 6);

      assertThat(worker.metrics()).hasSize(before + 2);
      metrics.close();
      assertThat(worker.metrics()).hasSize(before);
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aTaskThatTheWorkerGaveUpOnHoldsUpNeitherItsSuccessorNorForLongItsMetrics() throws Exception {
    // given a task that did not stop in time, and its successor in the same worker
    try (Metrics worker = new Metrics();
        PluginMetricsImpl ofFormer = new PluginMetricsImpl(worker, Map.of("connector", "claims"));
        PluginMetricsImpl own = new PluginMetricsImpl(worker, Map.of("connector", "claims"))) {
      TaskMetrics former = TaskMetrics.of("claims", "7", () -> ofFormer);
      former.tagged("stream", "a").gauge("group-lag", "Entries not read yet", () -> 5);

      // when
      TaskMetrics metrics = TaskMetrics.of("claims", "7", () -> own);
      metrics.tagged("stream", "a").gauge("group-lag", "Entries not read yet", () -> 6);
      metrics.update();
      assertThat(lag(worker)).isEqualTo(5.0);
      former.close();
      metrics.update();

      // then
      assertThat(lag(worker)).isEqualTo(6.0);
      metrics.close();
    }
  }

  private static Object lag(Metrics worker) {
    return worker.metrics().values().stream()
        .filter(metric -> metric.metricName().name().equals("group-lag"))
        .findFirst()
        .orElseThrow()
        .metricValue();
  }

  @Test
  void beansThatAFormerTaskTakesWithItComeBack() throws Exception {
    // given
    ObjectName bean = new ObjectName(BEAN);
    TaskMetrics former = TaskMetrics.of("claims", "7", TaskMetricsTest::noneAsBefore41);
    former.tagged("stream", "claims:events").gauge("group-lag", "Entries", () -> 5);
    try (TaskMetrics metrics = TaskMetrics.of("claims", "7", TaskMetricsTest::noneAsBefore41)) {
      metrics.tagged("stream", "claims:events").gauge("group-lag", "Entries", () -> 6);
      metrics.tagged("stream", "claims:events").gauge("pending-entries", "Entries", () -> 7);
      assertThat(jmx.getAttribute(bean, "group-lag")).isEqualTo(6.0);

      // when
      former.close();
      metrics.update();

      // then
      assertThat(jmx.getAttribute(bean, "group-lag")).isEqualTo(6.0);
      assertThat(jmx.getAttribute(bean, "pending-entries")).isEqualTo(7.0);
    }
    assertThat(jmx.isRegistered(bean)).isFalse();
  }

  @Test
  void whatWasNeverRecordedIsUnknown() {
    Timing timing = new Timing();

    assertThat(timing.averageMetric().measure(null, System.currentTimeMillis())).isNaN();
    timing.record(1.5);
    assertThat(timing.largestMetric().measure(null, System.currentTimeMillis()))
        .isCloseTo(1.5, within(1e-9));
  }
}
