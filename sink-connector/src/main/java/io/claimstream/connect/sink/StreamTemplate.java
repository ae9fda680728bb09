/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

/**
 * The name of a stream, which may hold {@code ${topic}}.
 *
 * @param text as configured
 */
public record StreamTemplate(String text) {
  private static final String TOPIC = "${topic}";

  /**
   * Refuses names that cannot be used.
   *
   * @throws IllegalArgumentException saying why
   */
  public StreamTemplate {
    if (text.isBlank()) {
      throw new IllegalArgumentException("is empty");
    }
    String plain = text.replace(TOPIC, "t");
    if (plain.contains("$")) {
      throw new IllegalArgumentException("knows no placeholder but ${topic}");
    }
    // the positions must lie in the stream's slot, which only a plain name or one hash tag allows
    if (!plain.matches("[^{}]*(\\{[^{}]+}[^{}]*)?")) {
      throw new IllegalArgumentException(
          "allows braces only around ${topic} and as one hash tag such as {claims}:analytics");
    }
  }

  /** Whether the name depends on the topic. */
  public boolean hasTopic() {
    return text.contains(TOPIC);
  }

  /** The stream of a topic's records. */
  public String streamOf(String topic) {
    return text.replace(TOPIC, topic);
  }
}
