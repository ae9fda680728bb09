/* SPDX-License-Identifier: Apache-2.0 */
/** An in-memory Redis for tests with the commands that the connectors use. */
@NullMarked
package io.claimstream.connect.redis.fake;

import org.jspecify.annotations.NullMarked;
