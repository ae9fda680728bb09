/* SPDX-License-Identifier: Apache-2.0 */
/** Metrics of a source task. */
@NullMarked
package io.claimstream.connect.source.metrics;

import org.jspecify.annotations.NullMarked;
