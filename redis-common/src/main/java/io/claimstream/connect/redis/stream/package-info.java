/* SPDX-License-Identifier: Apache-2.0 */
/** Values of Redis Streams: ids and entries, without any client. */
@NullMarked
package io.claimstream.connect.redis.stream;

import org.jspecify.annotations.NullMarked;
