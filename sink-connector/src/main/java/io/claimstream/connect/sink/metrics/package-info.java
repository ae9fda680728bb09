/* SPDX-License-Identifier: Apache-2.0 */
/** Metrics of a sink task. */
@NullMarked
package io.claimstream.connect.sink.metrics;

import org.jspecify.annotations.NullMarked;
