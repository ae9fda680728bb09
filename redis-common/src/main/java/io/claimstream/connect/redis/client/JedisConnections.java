/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.config.CredentialsSettings;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.config.RedisTopology;
import io.claimstream.connect.redis.credentials.RedisCredentials;
import io.claimstream.connect.redis.credentials.RedisCredentialsProvider;
import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.error.RedisErrors;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.time.TaskClock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.utils.Utils;
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

/** Opens Jedis connections to the master of a key in the topology. */
final class JedisConnections implements RedisConnections {
  /** Jedis' message for a server that does not know the HELLO command. */
  private static final String NO_HELLO = "does not support HELLO";

  /**
   * Time limit of a handshake. A server that cannot reply to it in time is unavailable, and must
   * not block a task for long.
   */
  private static final Duration LONGEST_HANDSHAKE = Duration.ofSeconds(2);

  private final RedisSettings settings;
  private final Login login;
  private final @Nullable TlsSockets tls;
  private final Seeds seeds;
  private final MasterResolver resolver;

  /** Whether a server that replies may be a replica of another configured server. */
  private final boolean mayBeReplica;

  JedisConnections(RedisSettings settings) {
    this(settings, TaskClock.system().steady());
  }

  JedisConnections(RedisSettings settings, InstantSource steady) {
    this.settings = settings;
    this.tls = settings.tls().map(TlsSockets::new).orElse(null);
    this.login = new Login(settings.username(), provider(settings), steady);
    this.seeds = new Seeds(settings.endpoints(), settings.topology() != RedisTopology.STANDALONE);
    this.mayBeReplica =
        settings.topology() == RedisTopology.STANDALONE && settings.endpoints().size() > 1;
    this.resolver =
        switch (settings.topology()) {
          case STANDALONE -> (key, seed) -> seed;
          case SENTINEL ->
              new SentinelResolver(
                  settings.sentinelMaster(),
                  connector(
                      new Login(
                          settings.sentinelUsername(),
                          fixed(settings.sentinelUsername(), settings.sentinelPassword()),
                          steady)));
          case CLUSTER -> new ClusterResolver(connector(login), seeds);
        };
  }

  private static Supplier<Optional<RedisCredentials>> provider(RedisSettings settings) {
    if (settings.credentials().isEmpty()) {
      return fixed(settings.username(), settings.password());
    }
    CredentialsSettings credentials = settings.credentials().get();
    try {
      RedisCredentialsProvider provider = Utils.newInstance(credentials.provider());
      provider.configure(credentials.settings());
      return () -> Optional.of(provider.credentials());
    } catch (KafkaException e) {
      throw new ConfigException(
          RedisConnectionConfig.CREDENTIALS_PROVIDER
              + ": "
              + credentials.provider().getName()
              + " does not start: "
              + e.getMessage());
    }
  }

  private static Supplier<Optional<RedisCredentials>> fixed(
      @Nullable String username, @Nullable Password password) {
    if (username == null && password == null) {
      return Optional::empty;
    }
    // AUTH even without a password: the connection must not silently become the default user
    RedisCredentials credentials =
        RedisCredentials.of(username, password == null ? new Password("") : password);
    return () -> Optional.of(credentials);
  }

  @Override
  public RedisConnection open(String key) {
    RedisOutageException failure = null;
    HostAndPort replica = null;
    for (HostAndPort seed : seeds.inOrder()) {
      try {
        RedisConnection opened = connect(resolver.master(key, seed), login, settings.database());
        if (!mayBeReplica || isMaster(opened)) {
          seeds.answered(seed);
          return opened;
        }
        opened.close();
        replica = replica == null ? seed : replica;
      } catch (RedisOutageException e) {
        if (failure != null) {
          e.addSuppressed(failure);
        }
        failure = e;
      }
    }
    if (replica != null) {
      // the server's own message, such as READONLY, says more than "no master"
      return connect(replica, login, settings.database());
    }
    throw failure == null
        ? new RedisOutageException("redis.uri contains no server", null)
        : failure;
  }

  @Override
  public void forEachMaster(Consumer<RedisConnection> action) {
    Collection<HostAndPort> masters;
    try (RedisConnection any = open("")) {
      masters = resolver.masters();
      if (masters.isEmpty()) {
        action.accept(any);
      }
    }
    for (HostAndPort master : masters) {
      try (RedisConnection connection = connect(master, login, settings.database())) {
        action.accept(connection);
      }
    }
  }

  @Override
  public String master(String key) {
    return resolver.known(key);
  }

  /**
   * Returns whether the server is a master. Checked on every connect: a former master that returned
   * as a replica replies like any other and refuses each write. A server that does not report its
   * role is accepted.
   *
   * @see <a href="https://redis.io/docs/latest/commands/hello/">HELLO</a>
   */
  private static boolean isMaster(RedisConnection connection) {
    try {
      Object hello = connection.pipeline(List.of(Command.of("HELLO", 2))).get(0);
      return hello instanceof ErrorReply
          || !(Replies.map(hello).get("role") instanceof byte[] role)
          || !Objects.equals(Replies.text(role), "replica");
    } catch (RedisOutageException e) {
      connection.close();
      throw e;
    }
  }

  private MasterResolver.Connector connector(Login login) {
    return address -> connect(address, login, 0);
  }

  private RedisConnection connect(HostAndPort address, Login login, int database) {
    Optional<RedisCredentials> credentials = login.credentials();
    JedisClientConfig config = config(credentials, database);
    try {
      JedisSocketFactory sockets = new DefaultJedisSocketFactory(address, config);
      RedisConnection opened =
          new JedisConnection(
              address,
              tls == null ? sockets : tls.over(sockets, address, millis(settings.connectTimeout())),
              config,
              settings.commandTimeout(),
              login,
              credentials.flatMap(RedisCredentials::expiry));
      if (credentials.isPresent()) {
        login.succeeded();
      }
      return opened;
    } catch (JedisConnectionException e) {
      throw new RedisOutageException("cannot connect to Redis at " + address + ": " + reason(e), e);
    } catch (JedisDataException e) {
      String reply = String.valueOf(e.getMessage());
      if (reply.contains(NO_HELLO)) {
        throw new RedisConfigurationException(
            "the server at " + address + " is older than Redis 6.2: it does not support HELLO", e);
      }
      if (Login.isRefused(reply)) {
        throw login.refused(address, reply, e);
      }
      if (RedisErrors.kindOf(reply) == RedisErrorKind.OUTAGE) {
        throw new RedisOutageException("Redis at " + address + " is not ready: " + reply, e);
      }
      throw RedisErrors.toException(reply, "a new connection to " + address);
    } catch (JedisException e) {
      throw new RedisConfigurationException(
          "cannot connect to Redis at " + address + ": " + reason(e), e);
    }
  }

  /** Returns the reason of a failed connect, which Jedis adds as a suppressed exception. */
  private static String reason(JedisException e) {
    Throwable reason = e;
    while (reason.getCause() != null || reason.getSuppressed().length > 0) {
      if (reason instanceof TlsSockets.HandshakeException) {
        return String.valueOf(reason.getMessage());
      }
      reason = reason.getCause() != null ? reason.getCause() : reason.getSuppressed()[0];
    }
    return String.valueOf(reason.getMessage());
  }

  private JedisClientConfig config(Optional<RedisCredentials> credentials, int database) {
    DefaultJedisClientConfig.Builder config =
        DefaultJedisClientConfig.builder()
            // RESP2: the same shape of replies on every server version
            .resp2()
            .connectionTimeoutMillis(millis(settings.connectTimeout()))
            .socketTimeoutMillis(
                millis(settings.withTimeoutsAtMost(LONGEST_HANDSHAKE).commandTimeout()))
            .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
            .clientName(settings.clientName())
            .database(settings.topology() == RedisTopology.CLUSTER ? 0 : database);
    credentials.ifPresent(
        found -> config.user(found.username()).password(found.password().value()));
    return config.build();
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }
}
