/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import io.claimstream.it.InterruptibleProxy;
import io.claimstream.stack.KafkaBroker;
import io.claimstream.stack.SchemaRegistry;
import java.util.List;

/** What happens to the broker and to the schema registry. */
final class KafkaFaults {
  private final KafkaBroker kafka;
  private final SchemaRegistry registry;
  private final InterruptibleProxy registryNetwork;
  private final SoakConnectors connectors;

  KafkaFaults(SoakServers servers, SoakConnectors connectors) {
    this.kafka = servers.kafka();
    this.registry = servers.registry();
    this.registryNetwork = servers.registryNetwork();
    this.connectors = connectors;
  }

  List<Fault> all() {
    return List.of(
        Fault.of("Kafka: killed", 2, 500, kafka::kill, kafka::start),
        Fault.of("Kafka: restarted", 2, 0, kafka::close, kafka::start),
        Fault.of("Kafka: frozen", 4, 1_500, kafka::pause, kafka::resume),
        Fault.of(
            "registry: out while tasks start",
            4,
            1_500,
            this::startWithoutRegistry,
            registryNetwork::open,
            connectors::awaitRunning),
        Fault.of("registry: killed", 1, 500, registry::kill, registry::start));
  }

  /** Tasks that start have cached no schema. */
  private void startWithoutRegistry() {
    registryNetwork.interrupt();
    connectors.rest().restart(SoakConnectors.SOURCE);
    connectors.rest().restart(SoakConnectors.SINK);
  }
}
