/* SPDX-License-Identifier: Apache-2.0 */
/** Classification of Redis failures. */
@NullMarked
package io.claimstream.connect.redis.error;

import org.jspecify.annotations.NullMarked;
