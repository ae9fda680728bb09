/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.benchmarks.baseline.ClaimEntries;
import io.claimstream.stack.FreePorts;
import io.claimstream.stack.LoopbackJmx;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.Locale;
import java.util.Map;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;

/** The memory of a worker that processes a long backlog. */
final class Backlog {
  private static final String STREAM = "claims:backlog";
  private static final String HEAP = "512m";
  private static final int SAMPLES = 10;
  private static final double MEBIBYTE = 1 << 20;

  private final Session session;
  private final Report report;

  Backlog(Session session, Report report) {
    this.session = session;
    this.report = report;
  }

  @SuppressWarnings("BanJNDI") // the address is our own worker's
  void measure() {
    long entries = session.options().backlog();
    session.streams().fill(STREAM, entries, ClaimEntries.usual());
    SourceCandidate source = SourceCandidate.ours(session, Converter.JSON, STREAM, entries);
    String connector = session.unique("backlog");
    int port = FreePorts.free();
    ObjectNode part = report.part("backlog").put("entries", entries).put("heap", HEAP);
    ArrayNode samples = part.putArray("liveMebibytes");
    report.say("| entries in Kafka | live heap, MiB | resident, MiB |\n|---|---|---|");
    try (Worker worker =
            session
                .servers()
                .worker(HEAP, Map.of(), LoopbackJmx.jvmOptions(session.servers().dir(), port));
        JMXConnector jmx = JMXConnectorFactory.connect(LoopbackJmx.url(port));
        TopicLog topic = session.topic("backlog")) {
      MemoryMXBean memory =
          ManagementFactory.getPlatformMXBean(jmx.getMBeanServerConnection(), MemoryMXBean.class);
      Thread sampler =
          new Thread(() -> sample(worker, topic, entries, memory, samples), "backlog-sampler");
      sampler.setDaemon(true);
      sampler.start();
      Measurement measured = source.fill(worker, connector, topic, connector);
      sampler.join();
      part.put("perSecond", Report.rounded(measured.perSecond()));
      topic.delete();
    } catch (IOException e) {
      throw new BenchmarkException("cannot connect to the worker over JMX", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkException("interrupted while measuring", e);
    }
    session.streams().remove(STREAM);
  }

  /** Samples the memory after a garbage collection: only the backlog could make the rest grow. */
  private void sample(
      Worker worker, TopicLog topic, long entries, MemoryMXBean memory, ArrayNode samples) {
    for (int i = 1; i < SAMPLES; i++) {
      long due = entries * i / SAMPLES;
      new Progress(topic::end, due, () -> 0, () -> {}).awaitReached();
      memory.gc();
      double live = memory.getHeapMemoryUsage().getUsed() / MEBIBYTE;
      samples.add(Report.rounded(live));
      report.say(
          String.format(
              Locale.ROOT,
              "| %d | %.0f | %.0f |",
              topic.end(),
              live,
              worker.stat().residentMebibytes()));
    }
  }
}
