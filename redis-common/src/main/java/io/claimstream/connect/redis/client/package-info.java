/* SPDX-License-Identifier: Apache-2.0 */
/** Connections to Redis in any topology; the only package that knows the client library. */
@NullMarked
package io.claimstream.connect.redis.client;

import org.jspecify.annotations.NullMarked;
