/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.claimstream.stack.ConnectRest;
import io.claimstream.stack.ConnectWorker;
import io.claimstream.stack.StackFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A Connect worker and its use of resources. */
final class Worker implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ConnectWorker worker;
  private final ProcessStat stat;

  private Worker(ConnectWorker worker) {
    this.worker = worker;
    this.stat = new ProcessStat(worker.pid());
  }

  static Worker start(
      StackFiles files,
      Path dir,
      String kafka,
      Path plugins,
      Map<String, String> overrides,
      List<String> jvm) {
    Path java = Path.of(System.getProperty("java.home"));
    return new Worker(ConnectWorker.start(java, files, dir, 0, kafka, plugins, overrides, jvm));
  }

  ProcessStat stat() {
    return stat;
  }

  ConnectRest rest() {
    return worker.rest();
  }

  /** Creates a connector and returns at once, because the start is measured, too. */
  void create(String name, Map<String, String> config) {
    rest().createOrUpdate(name, JSON.valueToTree(config));
  }

  /** Waits until the connector and its tasks are running. */
  void awaitRunning(String name) {
    rest().awaitRunning(name, START);
  }

  /**
   * Fails if a connector or its task has failed.
   *
   * @throws BenchmarkException with the trace
   */
  void check(String name) {
    ConnectRest.Response answer = rest().request("GET", "/connectors/" + name + "/status", null);
    if (answer.body().toString().contains("\"FAILED\"")) {
      throw new BenchmarkException(name + " failed: " + answer.body(), null);
    }
  }

  void delete(String name) {
    rest().delete(name);
  }

  @Override
  public void close() {
    worker.close();
  }
}
