/* SPDX-License-Identifier: Apache-2.0 */
/** Retries during an outage: their limits, and the breaker that paces them. */
@NullMarked
package io.claimstream.connect.redis.retry;

import org.jspecify.annotations.NullMarked;
