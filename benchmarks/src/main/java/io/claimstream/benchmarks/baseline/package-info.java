/* SPDX-License-Identifier: Apache-2.0 */
/** Baselines: connectors that do the minimum, which show the limits of Connect on this machine. */
@NullMarked
package io.claimstream.benchmarks.baseline;

import org.jspecify.annotations.NullMarked;
