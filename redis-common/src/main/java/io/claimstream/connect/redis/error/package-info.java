/* SPDX-License-Identifier: Apache-2.0 */
/** What a Redis failure means to a connector, decided in one place. */
@NullMarked
package io.claimstream.connect.redis.error;

import org.jspecify.annotations.NullMarked;
