/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a Redis connection; data only.
 *
 * @param topology the type of the endpoints
 * @param endpoints servers, sentinels or cluster seeds, in the order to try them; at least one
 * @param username ACL user, or null for the default user
 * @param password null if the server requires none
 * @param credentials the provider of user and password, in place of a password
 * @param database 0 in a cluster
 * @param sentinelMaster the master's name; empty unless {@link RedisTopology#SENTINEL}
 * @param sentinelUsername ACL user for the sentinels
 * @param sentinelPassword password for the sentinels
 * @param tls present for {@code rediss://}
 * @param connectTimeout maximum time to connect
 * @param commandTimeout maximum time to wait for a reply
 * @param clientName shown by {@code CLIENT LIST}
 */
public record RedisSettings(
    RedisTopology topology,
    List<RedisEndpoint> endpoints,
    @Nullable String username,
    @Nullable Password password,
    Optional<CredentialsSettings> credentials,
    int database,
    String sentinelMaster,
    @Nullable String sentinelUsername,
    @Nullable Password sentinelPassword,
    Optional<TlsSettings> tls,
    Duration connectTimeout,
    Duration commandTimeout,
    String clientName) {

  /** Returns these settings with timeouts of at most the given one. */
  public RedisSettings withTimeoutsAtMost(Duration longest) {
    return new RedisSettings(
        topology,
        endpoints,
        username,
        password,
        credentials,
        database,
        sentinelMaster,
        sentinelUsername,
        sentinelPassword,
        tls,
        shorter(connectTimeout, longest),
        shorter(commandTimeout, longest),
        clientName);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** Returns the settings without any secret: {@code Password} prints as {@code [hidden]}. */
  @Override
  public String toString() {
    return topology
        + " "
        + endpoints
        + (username == null ? "" : " as " + username)
        + credentials.map(c -> " with credentials of " + c).orElse("")
        + (database == 0 ? "" : " database " + database)
        + (sentinelMaster.isEmpty() ? "" : " master " + sentinelMaster)
        + tls.map(t -> " over " + t).orElse("");
  }
}
