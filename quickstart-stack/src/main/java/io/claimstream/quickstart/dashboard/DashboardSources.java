/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import io.claimstream.quickstart.stack.ConnectRest;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the page shows besides the metrics. Everything may be asked from any thread.
 *
 * @param connect the worker's REST API, asked with a short timeout
 * @param latency of the events that have arrived since the last call
 * @param deadLetters the latest dead letters, the last one first; throws when they cannot be read
 * @param claim looks a claim up; empty if there is none of that id
 */
public record DashboardSources(
    ConnectRest connect,
    Supplier<Latency> latency,
    Supplier<List<DeadLetter>> deadLetters,
    Function<String, Optional<JsonNode>> claim) {

  /**
   * Latency from an event's entry in Redis to the read of its record, in milliseconds.
   *
   * @param p50 half of the events took at most that long; NaN if none came
   * @param p99 99 of 100 took at most that long; NaN if none came
   */
  public record Latency(double p50, double p99) {
    /** No event came. */
    public static final Latency NONE = new Latency(Double.NaN, Double.NaN);
  }

  /**
   * A dead letter.
   *
   * @param where the stream or topic that holds it
   * @param id its id or offset there
   * @param origin where it comes from: stream and id, or topic, partition and offset
   * @param connector that put it there
   * @param reason why it could not be processed
   * @param time ISO-8601, as far as it is known
   * @param content its fields, or what is known of its value
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
