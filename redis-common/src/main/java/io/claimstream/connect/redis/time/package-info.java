/* SPDX-License-Identifier: Apache-2.0 */
/** Time, as a task uses it. */
@NullMarked
package io.claimstream.connect.redis.time;

import org.jspecify.annotations.NullMarked;
