/* SPDX-License-Identifier: Apache-2.0 */
/** Clocks of a task. */
@NullMarked
package io.claimstream.connect.redis.time;

import org.jspecify.annotations.NullMarked;
