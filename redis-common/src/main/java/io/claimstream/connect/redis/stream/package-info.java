/* SPDX-License-Identifier: Apache-2.0 */
/** Types of Redis Streams: ids and entries, independent of any client. */
@NullMarked
package io.claimstream.connect.redis.stream;

import org.jspecify.annotations.NullMarked;
