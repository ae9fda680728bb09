/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import io.claimstream.stack.ConnectWorker;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What happens to the processes of workers. */
final class WorkerFaults {
  private final ConnectWorker worker;
  private final SoakConnectors connectors;
  private final Supplier<ConnectWorker> startSecond;
  private @Nullable ConnectWorker second;

  WorkerFaults(SoakServers servers, SoakConnectors connectors) {
    this.worker = servers.worker();
    this.connectors = connectors;
    this.startSecond = servers::startSecondWorker;
  }

  List<Fault> all() {
    return List.of(
        new Fault.Simple(
            "worker: killed",
            15,
            Duration.ofMillis(500),
            true,
            worker::kill,
            worker::start,
            connectors::awaitRunning),
        Fault.of("worker: frozen", 4, 2_000, worker::pause, worker::resume),
        Fault.of("worker: frozen until it is fenced", 1, 9_000, worker::pause, worker::resume),
        Fault.of(
            "worker: a second one joins and is killed",
            1,
            3_000,
            this::join,
            this::leave,
            connectors::awaitRunning));
  }

  private void join() {
    second = startSecond.get();
  }

  private void leave() {
    if (second != null) {
      second.kill();
    }
    second = null;
  }
}
