/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.stack;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;

/**
 * A Kafka cluster of one node, broker and controller, on loopback. It makes no topic by itself. All
 * methods may be called from any thread.
 */
public final class KafkaBroker extends LocalServer {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final String HEAP = "256m";
  private static final int PROBE_MILLIS = 1000;
  // The short session lets a killed broker back in after 3 s, not 9.
  private static final String CONFIG =
      """
      process.roles=broker,controller
      node.id=1
      controller.quorum.voters=1@127.0.0.1:%2$d
      listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
      advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
      controller.listener.names=CONTROLLER
      listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
      log.dirs=%3$s
      auto.create.topics.enable=false
      num.partitions=1
      offsets.topic.replication.factor=1
      offsets.topic.num.partitions=1
      transaction.state.log.replication.factor=1
      transaction.state.log.min.isr=1
      transaction.state.log.num.partitions=1
      share.coordinator.state.topic.replication.factor=1
      share.coordinator.state.topic.min.isr=1
      share.coordinator.state.topic.num.partitions=1
      group.initial.rebalance.delay.ms=0
      group.min.session.timeout.ms=1000
      broker.session.timeout.ms=3000
      broker.heartbeat.interval.ms=500
      log.cleaner.dedupe.buffer.size=16777216
      log.retention.check.interval.ms=1000
      log.initial.task.delay.ms=1000
      """;

  private final int port;

  private KafkaBroker(int port, ServerProcess process) {
    super(process);
    this.port = port;
  }

  /**
   * Starts a cluster and returns when it takes connections.
   *
   * @param dir folder of its configuration, data and log; data found there is kept
   * @param port loopback port, or 0 for a free one
   * @throws StackException when the port is taken or the server does not come up
   */
  public static KafkaBroker start(StackFiles files, Path dir, int port) {
    return start(files, dir, port, List.of());
  }

  /**
   * The same with more options of its JVM.
   *
   * @param jvmOptions options besides the usual ones, which they win over
   */
  public static KafkaBroker start(StackFiles files, Path dir, int port, List<String> jvmOptions) {
    int actualPort = FreePorts.require(port, "the Kafka port");
    Path home = dir.toAbsolutePath();
    Path data = home.resolve("data");
    Path config = home.resolve("server.properties");
    try {
      Files.createDirectories(home);
      Files.writeString(config, CONFIG.formatted(actualPort, FreePorts.free(), data));
      if (!Files.exists(data.resolve("meta.properties"))) {
        format(files, home, config);
      }
      List<String> arguments = new ArrayList<>(jvmOptions);
      arguments.addAll(List.of("-cp", files.kafkaClassPath(), "kafka.Kafka", config.toString()));
      List<String> command = Java.command(home, HEAP, arguments);
      KafkaBroker broker =
          new KafkaBroker(
              actualPort,
              new ServerProcess(
                  "kafka", home, command, () -> takesConnections(actualPort), START_TIMEOUT));
      broker.start();
      return broker;
    } catch (IOException e) {
      throw new StackException("cannot prepare Kafka in " + home, e);
    }
  }

  /** {@code 127.0.0.1:port}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  private static void format(StackFiles files, Path home, Path config) throws IOException {
    List<String> command =
        Java.command(
            home,
            HEAP,
            List.of(
                "-cp",
                files.kafkaClassPath(),
                "kafka.tools.StorageTool",
                "format",
                "-t",
                Uuid.randomUuid().toString(),
                "-c",
                config.toString()));
    ServerProcess.run("kafka-format", home, command, START_TIMEOUT);
  }

  private static boolean takesConnections(int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(FreePorts.loopback(), port), PROBE_MILLIS);
      return true;
    }
  }
}
