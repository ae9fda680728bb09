/* SPDX-License-Identifier: Apache-2.0 */
/** Metrics of a task, published under the same names on every worker. */
@NullMarked
package io.claimstream.connect.redis.metrics;

import org.jspecify.annotations.NullMarked;
