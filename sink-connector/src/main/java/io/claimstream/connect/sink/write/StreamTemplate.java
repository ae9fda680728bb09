/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

/**
 * A stream name, which may contain {@code ${topic}}.
 *
 * @param text the configured name
 */
public record StreamTemplate(String text) implements Destination {
  private static final String TOPIC = "${topic}";

  /**
   * Validates the name.
   *
   * @throws IllegalArgumentException with the reason if the name is invalid
   */
  public StreamTemplate {
    if (text.isBlank()) {
      throw new IllegalArgumentException("is empty");
    }
    String plain = text.replace(TOPIC, "t");
    if (plain.contains("$")) {
      throw new IllegalArgumentException("contains a placeholder other than ${topic}");
    }
    // stored offsets must be in the stream's slot, which requires a plain name or one hash tag
    if (!plain.matches("[^{}]*(\\{[^{}]+}[^{}]*)?")) {
      throw new IllegalArgumentException(
          "may contain braces only in ${topic} and in one hash tag such as {claims}:analytics");
    }
  }

  @Override
  public String setting() {
    return "redis.stream";
  }

  @Override
  public String noun() {
    return "stream";
  }

  @Override
  public boolean hasTopic() {
    return text.contains(TOPIC);
  }

  @Override
  public String anchor(String stream) {
    return stream;
  }

  @Override
  public String of(String topic) {
    return text.replace(TOPIC, topic);
  }
}
