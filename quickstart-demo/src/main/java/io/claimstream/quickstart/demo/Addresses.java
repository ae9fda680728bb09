/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Addresses of a run's servers, stored in its folder for {@code ./quickstart show}.
 *
 * @param redis the URI, such as {@code redis://127.0.0.1:6379}
 * @param kafka bootstrap servers
 * @param registry the registry's own API
 * @param connect the worker's REST API
 */
record Addresses(String redis, String kafka, String registry, String connect) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String FILE = "addresses.json";

  /** Writes the addresses to the folder of the run. */
  void write(Path folder) {
    ObjectNode json = JSON.createObjectNode();
    json.put("redis", redis).put("kafka", kafka).put("registry", registry).put("connect", connect);
    Path file = folder.resolve(FILE);
    try {
      Files.writeString(file, json.toPrettyString());
    } catch (IOException e) {
      throw new DemoException("cannot write " + file, e);
    }
  }

  /** Reads the addresses of the run in that folder; empty if no run has started there. */
  static Optional<Addresses> read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode json = JSON.readTree(file.toFile());
      return Optional.of(
          new Addresses(
              json.path("redis").asText(),
              json.path("kafka").asText(),
              json.path("registry").asText(),
              json.path("connect").asText()));
    } catch (IOException e) {
      throw new DemoException("cannot read " + file, e);
    }
  }
}
