/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.retry;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;

/**
 * Connect's {@code errors.retry.*} settings, applied to outages of Redis.
 *
 * @param timeout the maximum duration of an outage; empty for unlimited
 * @param maxDelay the maximum pause between two attempts
 */
public record RetryLimits(Optional<Duration> timeout, Duration maxDelay) {
  public static final String TIMEOUT = "errors.retry.timeout";
  public static final String MAX_DELAY = "errors.retry.delay.max.ms";
  private static final Duration DEFAULT_MAX_DELAY = Duration.ofSeconds(10);
  private static final Duration SHORTEST_MAX_DELAY = Duration.ofMillis(100);

  /**
   * Reads the limits from a connector's configuration. Default: unlimited, with pauses of at most
   * 10 s.
   *
   * @throws ConfigException if a value is not a number
   */
  public static RetryLimits of(Map<String, String> properties) {
    Optional<Duration> timeout = millis(properties, TIMEOUT).filter(d -> !d.isNegative());
    Duration maxDelay = millis(properties, MAX_DELAY).orElse(DEFAULT_MAX_DELAY);
    return new RetryLimits(
        timeout, maxDelay.compareTo(SHORTEST_MAX_DELAY) < 0 ? SHORTEST_MAX_DELAY : maxDelay);
  }

  private static Optional<Duration> millis(Map<String, String> properties, String key) {
    String text = properties.get(key);
    if (text == null || text.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Duration.ofMillis(Long.parseLong(text.trim())));
    } catch (NumberFormatException e) {
      throw new ConfigException(key, text, "must be a number of milliseconds");
    }
  }

  boolean isOver(Duration lasted) {
    return timeout.isPresent() && lasted.compareTo(timeout.get()) >= 0;
  }
}
