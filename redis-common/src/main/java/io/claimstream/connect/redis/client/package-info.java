/* SPDX-License-Identifier: Apache-2.0 */
/** Connections to Redis in any topology. The only package that uses the client library. */
@NullMarked
package io.claimstream.connect.redis.client;

import org.jspecify.annotations.NullMarked;
