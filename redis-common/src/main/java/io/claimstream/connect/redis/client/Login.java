/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.credentials.RedisCredentials;
import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.error.RedisErrors;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;

/**
 * The credentials of all connections to one kind of server. Once a login has succeeded, credentials
 * that are refused are taken for ones that are just being replaced: an outage, for a few minutes.
 * Safe for use by several threads.
 */
final class Login {
  /** Time for new credentials to reach both the server and the worker. */
  static final Duration LONGEST_ROTATION = Duration.ofMinutes(5);

  private static final Set<String> REFUSALS = Set.of("WRONGPASS", "NOAUTH");

  private final @Nullable String username;
  private final Supplier<Optional<RedisCredentials>> provider;
  private final InstantSource steady;
  private boolean hasSucceeded;
  private @Nullable Instant refusedSince;

  /**
   * Creates the login of one kind of server.
   *
   * @param username ACL user of credentials that name none; null for the default user
   * @param provider asked for each login; empty for none
   */
  Login(
      @Nullable String username,
      Supplier<Optional<RedisCredentials>> provider,
      InstantSource steady) {
    this.username = username;
    this.provider = provider;
    this.steady = steady;
  }

  /**
   * Returns the credentials to use now; empty if the server requires none.
   *
   * @throws ConnectException if the provider fails, as for {@link #refused}
   */
  Optional<RedisCredentials> credentials() {
    try {
      return provider
          .get()
          .map(
              found ->
                  found.username() != null
                      ? found
                      : new RedisCredentials(username, found.password(), found.expiry()));
    } catch (RuntimeException e) {
      throw refusal(
          "the provider of redis.credentials.provider.class has no credentials: " + e.getMessage(),
          e);
    }
  }

  /** Returns whether a reply means that the server did not accept the credentials. */
  static boolean isRefused(String reply) {
    return REFUSALS.contains(RedisErrors.codeOf(reply));
  }

  /** Notes that the server has accepted credentials. */
  synchronized void succeeded() {
    hasSucceeded = true;
    refusedSince = null;
  }

  /** Returns the exception to throw when a server refuses the credentials. */
  ConnectException refused(HostAndPort address, String reply, Exception cause) {
    return refusal(
        RedisErrors.toException(reply, "a new connection to " + address).getMessage(), cause);
  }

  private synchronized ConnectException refusal(@Nullable String message, Exception cause) {
    String text = String.valueOf(message);
    if (!hasSucceeded) {
      return new RedisConfigurationException(text, cause);
    }
    Instant now = steady.instant();
    if (refusedSince == null) {
      refusedSince = now;
    }
    if (Duration.between(refusedSince, now).compareTo(LONGEST_ROTATION) > 0) {
      return new RedisConfigurationException(
          text
              + ". Earlier credentials were accepted; these have been refused for "
              + LONGEST_ROTATION.toMinutes()
              + " minutes",
          cause);
    }
    return new RedisOutageException(
        text
            + ". Earlier credentials were accepted: retrying for "
            + LONGEST_ROTATION.toMinutes()
            + " minutes, in case they are being replaced",
        cause);
  }
}
