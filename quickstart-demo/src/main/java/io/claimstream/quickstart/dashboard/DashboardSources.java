/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import io.claimstream.stack.ConnectRest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The dashboard's data besides the metrics. Safe for use by several threads.
 *
 * @param connect the worker's REST API, with a short timeout
 * @param latency the latency of the events that have arrived since the previous call
 * @param deadLetters the latest dead letters, newest first; throws if they cannot be read
 * @param claim looks up a claim; empty if there is none with that id
 * @param claimAsOf returns the state that a claim had at an instant, with the members {@code
 *     claim}, {@code asOf}, {@code start} and {@code state}; throws {@link NotFoundException} if
 *     there is none
 */
public record DashboardSources(
    ConnectRest connect,
    Supplier<Latency> latency,
    Supplier<List<DeadLetter>> deadLetters,
    Function<String, Optional<JsonNode>> claim,
    BiFunction<String, Instant, JsonNode> claimAsOf) {

  /** There is no answer to a question; the message says why, for the page. */
  public static final class NotFoundException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception with its cause. */
    public NotFoundException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Latency from an event's entry in Redis to the read of its record, in milliseconds.
   *
   * @param p50 the median; NaN if no event arrived
   * @param p99 the 99th percentile; NaN if no event arrived
   */
  public record Latency(double p50, double p99) {
    /** No event arrived. */
    public static final Latency NONE = new Latency(Double.NaN, Double.NaN);
  }

  /**
   * A dead letter.
   *
   * @param where the stream or topic that contains it
   * @param id its id or offset there
   * @param origin its source: stream and id, or topic, partition and offset
   * @param connector the connector that dead-lettered it
   * @param reason the reason why it could not be processed
   * @param time ISO-8601, if known
   * @param content its fields, or the known part of its value
   */
  public record DeadLetter(
      String where,
      String id,
      String origin,
      String connector,
      String reason,
      String time,
      String content) {}
}
