/* SPDX-License-Identifier: Apache-2.0 */
/** What a sink task counts and measures. */
@NullMarked
package io.claimstream.connect.sink.metrics;

import org.jspecify.annotations.NullMarked;
