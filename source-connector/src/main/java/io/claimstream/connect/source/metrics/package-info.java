/* SPDX-License-Identifier: Apache-2.0 */
/** What a source task counts and measures. */
@NullMarked
package io.claimstream.connect.source.metrics;

import org.jspecify.annotations.NullMarked;
