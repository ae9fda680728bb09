/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.converter;

/**
 * Thrown when the task is stopped while a record waits for the registry. An error on purpose:
 * Connect treats any exception of a converter as a bad record, and with {@code
 * errors.tolerance=all} would skip this good one and commit past it. An error ends the task's
 * thread before anything of the batch is committed.
 */
final class ConversionStopped extends Error {
  private static final long serialVersionUID = 1L;

  ConversionStopped(String message) {
    super(message);
  }
}
