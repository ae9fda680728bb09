/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.config.RedisEndpoint;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.config.RedisTopology;
import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.error.RedisErrors;
import io.claimstream.connect.redis.error.RedisOperatorException;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.time.Duration;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** Opens Jedis connections to the master that a topology names for a key. */
final class JedisConnections implements RedisConnections {
  private static final Duration LONGEST_HANDSHAKE = Duration.ofSeconds(2);

  private final RedisSettings settings;
  private final JedisClientConfig dataConfig;
  private final @Nullable TlsSockets tls;
  private final MasterResolver resolver;

  JedisConnections(RedisSettings settings) {
    this.settings = settings;
    this.tls = settings.tls().map(TlsSockets::new).orElse(null);
    this.dataConfig =
        config(settings, settings.username(), settings.password(), settings.database());
    this.resolver =
        switch (settings.topology()) {
          case STANDALONE -> (key, seed) -> seed;
          case SENTINEL ->
              new SentinelResolver(
                  settings.sentinelMaster(),
                  connector(
                      config(
                          settings, settings.sentinelUsername(), settings.sentinelPassword(), 0)));
          case CLUSTER -> new ClusterResolver(connector(dataConfig));
        };
  }

  @Override
  public RedisConnection open(String key) {
    RedisOutageException failure = null;
    for (RedisEndpoint seed : settings.endpoints()) {
      try {
        HostAndPort master = resolver.master(key, new HostAndPort(seed.host(), seed.port()));
        return connect(master, dataConfig);
      } catch (RedisOutageException e) {
        if (failure != null) {
          e.addSuppressed(failure);
        }
        failure = e;
      }
    }
    throw failure == null ? new RedisOutageException("redis.uri names no server", null) : failure;
  }

  private MasterResolver.Connector connector(JedisClientConfig config) {
    return address -> connect(address, config);
  }

  private RedisConnection connect(HostAndPort address, JedisClientConfig config) {
    try {
      JedisSocketFactory sockets = new DefaultJedisSocketFactory(address, config);
      return new JedisConnection(
          tls == null ? sockets : tls.over(sockets, address, millis(settings.connectTimeout())),
          config,
          settings.commandTimeout());
    } catch (JedisConnectionException e) {
      throw new RedisOutageException("cannot connect to Redis at " + address + ": " + reason(e), e);
    } catch (JedisDataException e) {
      String reply = String.valueOf(e.getMessage());
      if (RedisErrors.kindOf(reply) == RedisErrorKind.OUTAGE) {
        throw new RedisOutageException("Redis at " + address + " is not ready: " + reply, e);
      }
      throw RedisErrors.toException(reply, "a new connection to " + address);
    } catch (JedisException e) {
      throw new RedisOperatorException(
          "cannot connect to Redis at " + address + ": " + reason(e), e);
    }
  }

  /** Jedis keeps the real reason of a failed connect among the suppressed exceptions. */
  private static String reason(JedisException e) {
    Throwable reason = e;
    while (reason.getCause() != null || reason.getSuppressed().length > 0) {
      reason = reason.getCause() != null ? reason.getCause() : reason.getSuppressed()[0];
    }
    return String.valueOf(reason.getMessage());
  }

  private static JedisClientConfig config(
      RedisSettings settings,
      @Nullable String username,
      @Nullable Password password,
      int database) {
    DefaultJedisClientConfig.Builder config =
        DefaultJedisClientConfig.builder()
            // one reply shape on every server version
            .resp2()
            .connectionTimeoutMillis(millis(settings.connectTimeout()))
            .socketTimeoutMillis(millis(handshakeTimeout(settings)))
            .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
            .clientName(settings.clientName())
            .database(settings.topology() == RedisTopology.CLUSTER ? 0 : database);
    if (password != null) {
      config.user(username).password(password.value());
    }
    return config.build();
  }

  /** A server that cannot even greet in time is out; a task must not be held up by it for long. */
  private static Duration handshakeTimeout(RedisSettings settings) {
    return settings.commandTimeout().compareTo(LONGEST_HANDSHAKE) < 0
        ? settings.commandTimeout()
        : LONGEST_HANDSHAKE;
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }
}
