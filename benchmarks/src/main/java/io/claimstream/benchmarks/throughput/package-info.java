/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Measures connectors on real servers against the limits of Connect itself: docs/performance.md.
 */
@NullMarked
package io.claimstream.benchmarks.throughput;

import org.jspecify.annotations.NullMarked;
