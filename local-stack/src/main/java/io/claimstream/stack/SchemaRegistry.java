/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * A schema registry on loopback with Confluent's and Apicurio's APIs. Ids survive a restart and a
 * kill. Safe for use by several threads.
 */
public final class SchemaRegistry extends LocalServer {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final String CONFLUENT_PATH = "/apis/ccompat/v7";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String url;

  private SchemaRegistry(String url, ServerProcess process) {
    super(process);
    this.url = url;
  }

  /**
   * Starts a registry and returns when it replies.
   *
   * @param dir the folder of its data and log; existing data is kept
   * @param port loopback port, or 0 for a free one
   * @throws StackException if the port is taken or the server does not start
   */
  public static SchemaRegistry start(StackFiles files, Path dir, int port) {
    return start(Java.home(), files, dir, port);
  }

  /**
   * Starts a registry on another JDK.
   *
   * @param javaHome the folder of the JDK
   */
  public static SchemaRegistry start(Path javaHome, StackFiles files, Path dir, int port) {
    int actualPort = FreePorts.require(port, "the schema registry port");
    String url = "http://127.0.0.1:" + actualPort;
    Path home = dir.toAbsolutePath();
    try {
      Files.createDirectories(home);
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  "-Dquarkus.http.host=127.0.0.1",
                  "-Dquarkus.http.port=" + actualPort,
                  // Apicurio 3 has a second port, and opens it on all interfaces
                  "-Dquarkus.management.host=127.0.0.1",
                  "-Dquarkus.management.port=" + FreePorts.free()));
      Map<String, String> settings = settings(home.resolve("data/db"));
      settings.forEach((name, value) -> arguments.add("-D" + name + "=" + value));
      arguments.addAll(List.of("-jar", files.registryJar().toString()));
      List<String> command = Java.command(javaHome, home, Deviation.Server.REGISTRY_JVM, arguments);
      SchemaRegistry registry =
          new SchemaRegistry(
              url,
              new ServerProcess(
                  "registry",
                  home,
                  command,
                  () -> Http.answers(url + CONFLUENT_PATH + "/subjects"),
                  START_TIMEOUT));
      registry.start();
      return registry;
    } catch (IOException e) {
      throw new StackException("cannot prepare the schema registry in " + home, e);
    }
  }

  private static Map<String, String> settings(Path database) {
    Map<String, String> settings = Deviation.of(Deviation.Server.REGISTRY);
    settings.replaceAll((name, value) -> value.replace("…", database.toString()));
    return settings;
  }

  /** Returns {@code http://127.0.0.1:port}. */
  public String url() {
    return url;
  }

  /** Returns the base URL of Confluent's API, version 7. */
  public String confluentUrl() {
    return url + CONFLUENT_PATH;
  }

  /** Returns the base URL of Apicurio's own API, version 2. */
  public String apicurioUrl() {
    return url + "/apis/registry/v2";
  }

  /**
   * Returns the registered subjects.
   *
   * @throws StackException if the registry does not reply
   */
  public List<String> subjects() {
    return subjects(Http.TIMEOUT);
  }

  /**
   * Returns the registered subjects, with a timeout.
   *
   * @param timeout the maximum time for the response
   * @throws StackException if the registry does not reply
   */
  public List<String> subjects(Duration timeout) {
    String uri = confluentUrl() + "/subjects";
    try {
      HttpResponse<String> response = Http.send("GET", uri, null, timeout);
      if (response.statusCode() != 200) {
        throw new StackException("GET " + uri + " answered " + response.statusCode());
      }
      JsonNode subjects = JSON.readTree(response.body());
      return StreamSupport.stream(subjects.spliterator(), false).map(JsonNode::asText).toList();
    } catch (IOException e) {
      throw new StackException("GET " + uri + " failed: " + e, e);
    }
  }
}
