/* SPDX-License-Identifier: Apache-2.0 */
/** Limits of streams: which entries are trimmed, and which a consumer group still needs. */
@NullMarked
package io.claimstream.connect.redis.retention;

import org.jspecify.annotations.NullMarked;
