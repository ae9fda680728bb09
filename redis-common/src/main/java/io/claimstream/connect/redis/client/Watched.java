/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import org.jspecify.annotations.Nullable;

/**
 * A key that a connection watches.
 *
 * @param value the string that the key contained when it was read; null if the key did not exist
 */
public record Watched(String key, @Nullable String value) {}
