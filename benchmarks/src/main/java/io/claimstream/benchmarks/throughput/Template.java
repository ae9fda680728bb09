/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A connector's configuration in which each run replaces placeholders such as <code>{{topic}}
 * </code>. Other ones such as <code>${topic}</code> belong to the connector.
 */
record Template(Map<String, String> settings) {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^}]*)}}");

  Template {
    settings = Map.copyOf(settings);
  }

  /** Reads a JSON object whose values are strings, numbers and booleans. */
  static Template read(Path file) {
    try {
      return new Template(
          new ObjectMapper().readValue(file.toFile(), new TypeReference<Map<String, String>>() {}));
    } catch (JsonProcessingException e) {
      throw new BenchmarkException(
          file + " is not a JSON object of a connector's settings: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new BenchmarkException("cannot read " + file + (Files.exists(file) ? "" : ": none"), e);
    }
  }

  /** Returns this template with these settings where it has none of that name. */
  Template orElse(Map<String, String> defaults) {
    Map<String, String> all = new HashMap<>(defaults);
    all.putAll(settings);
    return new Template(all);
  }

  /**
   * Returns the configuration of one run.
   *
   * @param values the value of each placeholder
   * @throws BenchmarkException that names a placeholder without a value
   */
  Map<String, String> fill(Map<String, String> values) {
    Map<String, String> filled = new HashMap<>();
    settings.forEach(
        (key, value) ->
            filled.put(
                key,
                PLACEHOLDER
                    .matcher(value)
                    .replaceAll(
                        found -> Matcher.quoteReplacement(value(key, found.group(1), values)))));
    return filled;
  }

  private static String value(String key, String placeholder, Map<String, String> values) {
    String value = values.get(placeholder);
    if (value == null) {
      throw new BenchmarkException(
          "%s has the placeholder {{%s}}; there are %s"
              .formatted(key, placeholder, values.keySet().stream().sorted().toList()),
          null);
    }
    return value;
  }
}
