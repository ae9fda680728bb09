/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;

/**
 * Asks a sentinel for the master on every connect, as the client guidelines require.
 *
 * @see <a href="https://redis.io/docs/latest/develop/reference/sentinel-clients/">Guidelines for
 *     Sentinel clients</a>
 */
final class SentinelResolver implements MasterResolver {
  private final String masterName;
  private final Connector connector;

  SentinelResolver(String masterName, Connector connector) {
    this.masterName = masterName;
    this.connector = connector;
  }

  @Override
  public HostAndPort master(String key, HostAndPort seed) {
    try (RedisConnection sentinel = connector.connect(seed)) {
      List<@Nullable Object> address =
          Replies.list(
              sentinel.call(Command.of("SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName)));
      if (address.size() != 2) {
        throw new RedisOutageException(
            "the sentinel at "
                + seed
                + " does not know a master named '"
                + masterName
                + "' (redis.sentinel.master)",
            null);
      }
      return new HostAndPort(
          String.valueOf(Replies.text(address.get(0))),
          Integer.parseInt(String.valueOf(Replies.text(address.get(1)))));
    } catch (RedisConfigurationException e) {
      throw isAboutCredentials(e) ? ofTheSentinel(seed, e) : e;
    }
  }

  private static boolean isAboutCredentials(RedisConfigurationException e) {
    String message = String.valueOf(e.getMessage());
    return Stream.of("NOAUTH", "WRONGPASS", "NOPERM").anyMatch(message::contains);
  }

  /**
   * Creates an exception that names the sentinel's settings; the error's hint names the master's.
   */
  private static RedisConfigurationException ofTheSentinel(
      HostAndPort seed, RedisConfigurationException e) {
    return new RedisConfigurationException(
        "the sentinel at "
            + seed
            + " requires its own credentials; set redis.sentinel.username and"
            + " redis.sentinel.password: "
            + e.getMessage(),
        e);
  }
}
