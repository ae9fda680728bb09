/* SPDX-License-Identifier: Apache-2.0 */
/** Measures connectors on real servers against what Connect itself allows: docs/performance.md. */
@NullMarked
package io.claimstream.benchmarks.throughput;

import org.jspecify.annotations.NullMarked;
