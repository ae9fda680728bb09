/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

/**
 * Why an entry is put aside.
 *
 * @param stage what was being done
 * @param errorClass the exception's class name, or a word of ours
 * @param message the reason, without any payload
 */
public record Failure(Stage stage, String errorClass, String message) {

  /** What was being done when an entry failed. */
  public enum Stage {
    /** Making a typed event of it. */
    DECODE,
    /** Connect's transforms and converters, or the producer. */
    TRANSFORM_OR_CONVERT,
    /** Any: it was delivered too often without reaching Kafka. */
    DELIVERY
  }

  /** A failure told by an exception. */
  public static Failure of(Stage stage, Exception cause) {
    return new Failure(stage, cause.getClass().getName(), String.valueOf(cause.getMessage()));
  }
}
