/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/**
 * A distributed Kafka Connect worker on loopback with the worker file in {@code config-examples}.
 * Workers with the same {@code group.id} form one cluster. Safe for use by several threads.
 */
public final class ConnectWorker extends LocalServer {
  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
  private static final String SHIPPED = "connect-distributed.properties";
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final String GROUP_ID = "group.id";
  private static final List<String> TOPICS =
      List.of("config.storage.topic", "offset.storage.topic", "status.storage.topic");

  private final String url;
  private final ConnectRest rest;

  private ConnectWorker(String url, ServerProcess process) {
    super(process);
    this.url = url;
    this.rest = new ConnectRest(url);
  }

  /**
   * Starts a worker and returns when it has joined its group and accepts requests. It loads the
   * Avro converter in addition to the plugins of the plugin path.
   *
   * @param dir the folder of its configuration and log, separate for each worker of a group
   * @param port loopback port of the REST API, or 0 for a free one
   * @param pluginPath the folder with one folder per plugin; created if it does not exist
   * @param overrides worker properties that override the shipped ones
   * @throws StackException if the port is taken or the worker does not start
   */
  public static ConnectWorker start(
      StackFiles files,
      Path dir,
      int port,
      String bootstrapServers,
      Path pluginPath,
      Map<String, String> overrides) {
    return start(Java.home(), files, dir, port, bootstrapServers, pluginPath, overrides, List.of());
  }

  /**
   * Starts a worker on another JDK.
   *
   * @param javaHome the folder of the JDK
   */
  public static ConnectWorker start(
      Path javaHome,
      StackFiles files,
      Path dir,
      int port,
      String bootstrapServers,
      Path pluginPath,
      Map<String, String> overrides) {
    return start(javaHome, files, dir, port, bootstrapServers, pluginPath, overrides, List.of());
  }

  /**
   * Starts a worker with additional JVM options.
   *
   * @param jvmOptions options in addition to the usual ones, such as agents
   */
  public static ConnectWorker start(
      Path javaHome,
      StackFiles files,
      Path dir,
      int port,
      String bootstrapServers,
      Path pluginPath,
      Map<String, String> overrides,
      List<String> jvmOptions) {
    int actualPort = FreePorts.require(port, "the Connect port");
    String url = "http://127.0.0.1:" + actualPort;
    Path home = dir.toAbsolutePath();
    Path config = home.resolve("connect.properties");
    try {
      Files.createDirectories(home);
      Files.createDirectories(pluginPath);
      Properties properties =
          defaults(overrides.getOrDefault(GROUP_ID, "claimstream"), url, bootstrapServers);
      properties.put(
          "plugin.path",
          pluginPath.toAbsolutePath() + "," + files.avroConverter().toAbsolutePath().getParent());
      properties.putAll(overrides);
      try (Writer writer = Files.newBufferedWriter(config)) {
        properties.store(writer, null);
      }
      List<String> arguments = new ArrayList<>(jvmOptions);
      arguments.addAll(
          List.of(
              "-cp",
              files.kafkaClassPath(),
              "org.apache.kafka.connect.cli.ConnectDistributed",
              config.toString()));
      List<String> command = Java.command(javaHome, home, Deviation.Server.CONNECT_JVM, arguments);
      ConnectWorker worker =
          new ConnectWorker(
              url, new ServerProcess("connect", home, command, () -> isReady(url), START_TIMEOUT));
      worker.start();
      return worker;
    } catch (IOException e) {
      throw new StackException("cannot prepare Connect in " + home, e);
    }
  }

  /** Returns {@code http://127.0.0.1:port}. */
  public String url() {
    return url;
  }

  /** Returns the REST API of this worker. */
  public ConnectRest rest() {
    return rest;
  }

  /**
   * Returns whether the worker is ready. Workers before 3.9 have no health endpoint, but list
   * connectors once they have joined.
   */
  private static boolean isReady(String url) throws IOException {
    int health = Http.status(url + "/health");
    return health == OK || (health == NOT_FOUND && Http.status(url + "/connectors") == OK);
  }

  /** Returns the shipped worker file with this worker's addresses. */
  private static Properties defaults(String group, String url, String bootstrapServers)
      throws IOException {
    Properties properties = new Properties();
    try (InputStream shipped =
        Objects.requireNonNull(ConnectWorker.class.getResourceAsStream(SHIPPED), SHIPPED)) {
      properties.load(shipped);
    }
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("listeners", url);
    properties.put("rest.advertised.host.name", "127.0.0.1");
    if (!group.equals(properties.put(GROUP_ID, group))) {
      // clusters that share a broker need separate topics
      for (String topic : TOPICS) {
        properties.merge(topic, "_" + group + "-", (name, prefix) -> prefix.toString() + name);
      }
    }
    return properties;
  }
}
