/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Why an entry is put aside.
 *
 * @param stage what was being done
 * @param errorClass the exception's class name, or a word of ours
 * @param message the reason, without any payload
 * @param deliveries how often Redis had delivered the entry; null if that was not looked up
 */
public record Failure(Stage stage, String errorClass, String message, @Nullable Long deliveries) {

  /** A transform or converter failed on the record, or the producer did. */
  public static final Failure DROPPED =
      new Failure(
          Stage.TRANSFORM_OR_CONVERT,
          "RecordDropped",
          "a transform or converter dropped the record; Connect's log says why",
          null);

  /** It was to be a dead letter once before, and that one was never written. */
  public static final Failure NOT_WRITTEN =
      new Failure(
          Stage.TRANSFORM_OR_CONVERT,
          "RecordDropped",
          "a transform or converter dropped the record, and its dead letter was not written before"
              + " the task ended; Connect's log says why",
          null);

  /** What was being done when an entry failed. */
  public enum Stage {
    /** Making a typed event of it. */
    DECODE,
    /** Connect's transforms and converters, or the producer. */
    TRANSFORM_OR_CONVERT,
    /** Any: it was delivered too often without reaching Kafka. */
    DELIVERY;

    /** As dead letters have it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A failure to decode. */
  public static Failure ofDecoding(Exception cause) {
    return new Failure(
        Stage.DECODE, cause.getClass().getName(), String.valueOf(cause.getMessage()), null);
  }

  /** Too many deliveries. */
  public static Failure ofDeliveries(int deliveries) {
    return new Failure(
        Stage.DELIVERY,
        "TooManyDeliveries",
        "delivered " + deliveries + " times without reaching Kafka (redis.max.deliveries)",
        (long) deliveries);
  }
}
