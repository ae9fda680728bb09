/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import org.jspecify.annotations.Nullable;

/** A measurement that failed, or would have measured something else. */
final class BenchmarkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BenchmarkException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
