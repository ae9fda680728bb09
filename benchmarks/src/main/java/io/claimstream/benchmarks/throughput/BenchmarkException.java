/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import org.jspecify.annotations.Nullable;

/** A measurement that could not be made, or would have been one of something else. */
final class BenchmarkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BenchmarkException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
