/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.credentials;

import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/**
 * What a connection logs in with.
 *
 * @param username ACL user; null for that of {@code redis.username}
 * @param password the password or token, which prints as {@code [hidden]}
 * @param expiry when the server stops accepting them, by the worker's clock; connections ask for
 *     new ones and log in again before. Empty if they do not expire
 */
public record RedisCredentials(
    @Nullable String username, Password password, Optional<Instant> expiry) {

  /** Returns credentials that do not expire. */
  public static RedisCredentials of(@Nullable String username, Password password) {
    return new RedisCredentials(username, password, Optional.empty());
  }
}
