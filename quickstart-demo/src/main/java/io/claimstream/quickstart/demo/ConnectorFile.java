/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A connector's configuration in the format of the REST API.
 *
 * @param name the connector's name
 * @param config the connector's settings
 */
record ConnectorFile(String name, ObjectNode config) {
  private static final String REDIS = "redis.uri";
  private static final String REGISTRY = "converter.apicurio.registry.url";

  /**
   * Reads a body of {@code POST /connectors}.
   *
   * @throws DemoException if it is not one
   */
  static ConnectorFile read(Path file) {
    try {
      JsonNode body = new ObjectMapper().readTree(file.toFile());
      if (body.path("name").isTextual() && body.path("config") instanceof ObjectNode config) {
        return new ConnectorFile(body.path("name").textValue(), config);
      }
      throw new DemoException(file + " needs a name and a config");
    } catch (IOException e) {
      throw new DemoException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /** Returns the topic of the connector's dead letters; empty if it has none. */
  Optional<String> deadLetterTopic() {
    return Optional.ofNullable(config.path("errors.deadletterqueue.topic.name").textValue());
  }

  /** Returns the same connector with another value of a setting. */
  ConnectorFile with(String setting, String value) {
    return new ConnectorFile(name, config.deepCopy().put(setting, value));
  }

  /** Returns the same connector with the addresses of this run; adds no settings. */
  ConnectorFile at(String redisUri, String registryUrl) {
    ObjectNode moved = config.deepCopy();
    List<String> names = new ArrayList<>();
    config.fieldNames().forEachRemaining(names::add);
    for (String name : names) {
      if (name.equals(REDIS)) {
        moved.put(name, redisUri);
      } else if (name.endsWith(REGISTRY)) {
        moved.put(name, registryUrl);
      }
    }
    return new ConnectorFile(name, moved);
  }
}
