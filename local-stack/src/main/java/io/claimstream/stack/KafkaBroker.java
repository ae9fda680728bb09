/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;

/**
 * A Kafka cluster of one node, broker and controller, on loopback, with Kafka's defaults except for
 * {@link Deviation}. Safe for use by several threads.
 */
public final class KafkaBroker extends LocalServer {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final int PROBE_MILLIS = 1000;
  private static final String PLACE =
      """
      process.roles=broker,controller
      node.id=1
      controller.quorum.voters=1@127.0.0.1:%2$d
      listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
      advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
      controller.listener.names=CONTROLLER
      listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
      log.dirs=%3$s
      """;

  private final int port;

  private KafkaBroker(int port, ServerProcess process) {
    super(process);
    this.port = port;
  }

  /**
   * Starts a cluster and returns when it accepts connections.
   *
   * @param dir the folder of its configuration, data and log; existing data is kept
   * @param port loopback port, or 0 for a free one
   * @throws StackException if the port is taken or the server does not start
   */
  public static KafkaBroker start(StackFiles files, Path dir, int port) {
    return start(files, dir, port, Map.of(), List.of());
  }

  /**
   * Starts a cluster with additional settings.
   *
   * @param settings broker settings that override the others
   */
  public static KafkaBroker start(
      StackFiles files, Path dir, int port, Map<String, String> settings) {
    return start(files, dir, port, settings, List.of());
  }

  /**
   * Starts a cluster with additional settings and JVM options.
   *
   * @param settings broker settings that override the others
   * @param jvmOptions options that override the usual ones
   */
  public static KafkaBroker start(
      StackFiles files, Path dir, int port, Map<String, String> settings, List<String> jvmOptions) {
    int actualPort = FreePorts.require(port, "the Kafka port");
    Path home = dir.toAbsolutePath();
    Path data = home.resolve("data");
    Path config = home.resolve("server.properties");
    try {
      Files.createDirectories(home);
      Files.writeString(config, config(actualPort, data, settings));
      if (!Files.exists(data.resolve("meta.properties"))) {
        format(files, home, config);
      }
      List<String> arguments = new ArrayList<>(jvmOptions);
      arguments.addAll(List.of("-cp", files.kafkaClassPath(), "kafka.Kafka", config.toString()));
      List<String> command = Java.command(home, Deviation.Server.KAFKA_JVM, arguments);
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

  /** Returns {@code 127.0.0.1:port}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  private static String config(int port, Path data, Map<String, String> settings) {
    Map<String, String> all = Deviation.of(Deviation.Server.KAFKA);
    all.putAll(settings);
    StringBuilder config = new StringBuilder(PLACE.formatted(port, FreePorts.free(), data));
    all.forEach((name, value) -> config.append(name).append('=').append(value).append('\n'));
    return config.toString();
  }

  private static void format(StackFiles files, Path home, Path config) throws IOException {
    List<String> command =
        Java.command(
            home,
            Deviation.Server.KAFKA_JVM,
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
