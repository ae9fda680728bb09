/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import io.claimstream.stack.ConnectRest;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The dashboard's data besides the metrics. Safe for use by several threads.
 *
 * @param connect the worker's REST API, with a short timeout
 * @param latency the latency of the events that have arrived since the previous call
 * @param deadLetters the latest dead letters, newest first; throws if they cannot be read
 * @param claim looks up a claim; empty if there is none with that id
 */
public record DashboardSources(
    ConnectRest connect,
    Supplier<Latency> latency,
    Supplier<List<DeadLetter>> deadLetters,
    Function<String, Optional<JsonNode>> claim) {

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
