/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import org.jspecify.annotations.Nullable;

/**
 * A key that a connection watches.
 *
 * @param value the string that it held when it was looked at; null if there was no such key
 */
public record Watched(String key, @Nullable String value) {}
