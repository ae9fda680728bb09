/* SPDX-License-Identifier: Apache-2.0 */
/** Connectors that do the least there is to do: what Connect itself allows on this machine. */
@NullMarked
package io.claimstream.benchmarks.ceiling;

import org.jspecify.annotations.NullMarked;
