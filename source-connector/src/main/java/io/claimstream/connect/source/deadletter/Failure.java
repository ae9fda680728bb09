/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reason for dead-lettering an entry.
 *
 * @param stage processing stage in which the entry failed
 * @param errorClass the exception's class name, or a name defined here
 * @param message the reason, without any payload
 * @param deliveries number of times that Redis delivered the entry; null if it was not looked up
 */
public record Failure(Stage stage, String errorClass, String message, @Nullable Long deliveries) {

  /** A transform, a converter or the producer failed on the record. */
  public static final Failure DROPPED =
      new Failure(
          Stage.TRANSFORM_OR_CONVERT,
          "RecordDropped",
          "a transform or converter dropped the record; Connect's log says why",
          null);

  /** An earlier dead letter of the entry was never written. */
  public static final Failure NOT_WRITTEN =
      new Failure(
          Stage.TRANSFORM_OR_CONVERT,
          "RecordDropped",
          "a transform or converter dropped the record, and its dead letter was not written before"
              + " the task ended; Connect's log says why",
          null);

  /** Processing stage. */
  public enum Stage {
    /** Decoding the entry into an event. */
    DECODE,
    /** Connect's transforms and converters, or the producer. */
    TRANSFORM_OR_CONVERT,
    /** Any stage: the entry was delivered too often without reaching Kafka. */
    DELIVERY;

    /** The name of the stage in dead letters. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Returns a failure to decode an entry. */
  public static Failure ofDecoding(Exception cause) {
    return new Failure(
        Stage.DECODE, cause.getClass().getName(), String.valueOf(cause.getMessage()), null);
  }

  /** Returns the failure of an entry with too many deliveries. */
  public static Failure ofDeliveries(int deliveries) {
    return new Failure(
        Stage.DELIVERY,
        "TooManyDeliveries",
        "delivered " + deliveries + " times without reaching Kafka (redis.max.deliveries)",
        (long) deliveries);
  }
}
