/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import io.claimstream.connect.redis.credentials.FileCredentialsProvider;
import io.claimstream.connect.redis.credentials.RedisCredentialsProvider;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.LambdaValidator;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/** Settings of the Redis connection, shared by both connectors. */
public final class RedisConnectionConfig {
  public static final String URI = "redis.uri";
  public static final String TOPOLOGY = "redis.topology";
  public static final String USERNAME = "redis.username";
  public static final String PASSWORD = "redis.password";
  public static final String CREDENTIALS_PROVIDER = "redis.credentials.provider.class";
  public static final String SENTINEL_MASTER = "redis.sentinel.master";
  public static final String SENTINEL_USERNAME = "redis.sentinel.username";
  public static final String SENTINEL_PASSWORD = "redis.sentinel.password";
  public static final String CONNECT_TIMEOUT = "redis.connect.timeout.ms";
  public static final String COMMAND_TIMEOUT = "redis.command.timeout.ms";

  /** Declared only to be rejected. */
  public static final String SSL_ENGINE_FACTORY =
      "redis." + SslConfigs.SSL_ENGINE_FACTORY_CLASS_CONFIG;

  /** Beginning of the settings that a provider of credentials receives. */
  static final String CREDENTIALS_PREFIX = "redis.credentials.";

  private static final String GROUP = "Redis connection";
  private static final String TLS_GROUP = "Redis TLS";
  private static final String PREFIX = "redis.";
  private static final int REDIS_PORT = 6379;
  private static final int SENTINEL_PORT = 26379;

  /** Kafka's own settings for a client's TLS. */
  private static final List<ConfigDef.ConfigKey> TLS_KEYS =
      new ConfigDef()
          .withClientSslSupport().configKeys().values().stream()
              .filter(key -> !key.name.equals(SslConfigs.SSL_ENGINE_FACTORY_CLASS_CONFIG))
              .toList();

  private RedisConnectionConfig() {}

  /** Adds the connection settings to a connector's settings. */
  public static void define(ConfigDef def) {
    ConfigKey.of(URI, Type.LIST)
        .defaultsTo("redis://localhost:" + REDIS_PORT)
        // not a TextValidator, which would quote the value with its password
        .validatedBy(
            LambdaValidator.with(
                (name, value) -> RedisUris.parse(name, texts(value), REDIS_PORT),
                () -> "one or more redis:// or rediss:// URIs"))
        .importance(Importance.HIGH)
        .width(Width.LONG)
        .displayName("URI")
        .doc(
            "Comma-separated list of one or more redis://[[user]:password@]host[:port][/database]"
                + " URIs; rediss:// enables TLS. redis.topology sets the meaning of several URIs:"
                + " servers to try in order, the master before its replicas; sentinels; or cluster"
                + " seeds. Prefer redis.password for the password, because Connect hides it.")
        .addTo(def, GROUP);
    ConfigKey.of(TOPOLOGY, Type.STRING)
        .oneOf(RedisTopology.STANDALONE)
        .displayName("Topology")
        .doc(
            "Type of the servers in redis.uri: standalone servers, sentinels that know the master,"
                + " or cluster nodes.")
        .addTo(def, GROUP);
    optional(USERNAME, Type.STRING, "User", "ACL user. Overrides the user in redis.uri.", def);
    optional(
        PASSWORD, Type.PASSWORD, "Password", "Password. Overrides the password in redis.uri.", def);
    ConfigKey.of(CREDENTIALS_PROVIDER, Type.CLASS)
        .defaultsTo(null)
        .validatedBy(
            LambdaValidator.with(
                RedisConnectionConfig::checkProvider,
                () -> "a class that implements " + RedisCredentialsProvider.class.getSimpleName()))
        .importance(Importance.LOW)
        .width(Width.LONG)
        .displayName("Credentials provider")
        .doc(
            "Class that provides user and password at each connect, in place of redis.password, so"
                + " that they can change while the connector runs. It receives all settings that"
                + " begin with redis.credentials. Built in: "
                + FileCredentialsProvider.class.getName()
                + ", which reads redis.credentials.password.file and, if set,"
                + " redis.credentials.username.file.")
        .addTo(def, GROUP);
    ConfigKey.of(SENTINEL_MASTER, Type.STRING)
        .defaultsTo("")
        .displayName("Sentinel master")
        .doc(
            "Name of the master in the sentinels' configuration. Required with"
                + " redis.topology=sentinel.")
        .addTo(def, GROUP);
    optional(SENTINEL_USERNAME, Type.STRING, "Sentinel user", "ACL user for the sentinels.", def);
    optional(
        SENTINEL_PASSWORD, Type.PASSWORD, "Sentinel password", "Password for the sentinels.", def);
    timeout(
        CONNECT_TIMEOUT,
        10_000,
        "Connect timeout",
        "Maximum time in milliseconds to open a connection.",
        def);
    timeout(
        COMMAND_TIMEOUT,
        5_000,
        "Command timeout",
        "Maximum time in milliseconds to wait for a reply, in addition to the time that a read"
            + " blocks on purpose; at most 2 s while connecting.",
        def);
    defineTls(def);
  }

  private static void checkProvider(String name, @Nullable Object value) {
    if (value instanceof Class<?> type && !RedisCredentialsProvider.class.isAssignableFrom(type)) {
      throw new ConfigException(
          name
              + ": "
              + type.getName()
              + " does not implement "
              + RedisCredentialsProvider.class.getName());
    }
  }

  private static List<String> texts(@Nullable Object value) {
    return value instanceof List<?> list ? list.stream().map(Object::toString).toList() : List.of();
  }

  private static void optional(
      String name, Type type, String displayName, String doc, ConfigDef def) {
    ConfigKey.of(name, type).defaultsTo(null).displayName(displayName).doc(doc).addTo(def, GROUP);
  }

  private static void timeout(
      String name, int millis, String displayName, String doc, ConfigDef def) {
    ConfigKey.of(name, Type.INT)
        .defaultsTo(millis)
        .validatedBy(Range.between(1, 3_600_000))
        .importance(Importance.LOW)
        .width(Width.SHORT)
        .displayName(displayName)
        .doc(doc)
        .addTo(def, GROUP);
  }

  private static void defineTls(ConfigDef def) {
    for (ConfigDef.ConfigKey key : TLS_KEYS) {
      ConfigKey.of(PREFIX + key.name, key.type)
          .defaultsTo(key.defaultValue)
          .validatedBy(key.validator)
          .importance(key.importance)
          .displayName(key.name.substring("ssl.".length()).replace('.', ' '))
          .doc(key.documentation)
          .addTo(def, TLS_GROUP);
    }
    ConfigKey.of(SSL_ENGINE_FACTORY, Type.STRING)
        .defaultsTo(null)
        .validatedBy(
            LambdaValidator.with(
                RedisConnectionConfig::refuseEngineFactory, () -> "must not be set"))
        .importance(Importance.LOW)
        .displayName("engine factory class")
        .doc("Not supported. The connector rejects a configuration that sets it.")
        .addTo(def, TLS_GROUP);
  }

  /**
   * Rejects an engine factory: it creates only engines, and a socket cannot be created from an
   * engine.
   */
  private static void refuseEngineFactory(String name, @Nullable Object value) {
    if (value != null) {
      throw new ConfigException(
          name
              + ": is not supported. Remove it, and set keys and certificates with"
              + " redis.ssl.keystore.* and redis.ssl.truststore.*");
    }
  }

  /**
   * Returns the connection settings of a validated configuration.
   *
   * @param clientName shown by {@code CLIENT LIST}; characters that Redis refuses are replaced
   * @throws ConfigException for the invalid setting
   */
  public static RedisSettings settings(AbstractConfig config, String clientName) {
    RedisTopology topology = EnumChoice.parse(RedisTopology.class, config.getString(TOPOLOGY));
    RedisUris uris =
        RedisUris.parse(
            URI,
            config.getList(URI),
            topology == RedisTopology.SENTINEL ? SENTINEL_PORT : REDIS_PORT);
    String sentinelMaster = config.getString(SENTINEL_MASTER).trim();
    if (topology == RedisTopology.SENTINEL && sentinelMaster.isEmpty()) {
      throw new ConfigException(
          SENTINEL_MASTER,
          sentinelMaster,
          "must be the master's name with redis.topology=sentinel");
    }
    if (topology == RedisTopology.CLUSTER && uris.database() != 0) {
      throw new ConfigException(URI + ": a cluster supports only database 0");
    }
    if (!uris.tls()) {
      refuseTls(config);
    }
    @Nullable String username = config.getString(USERNAME);
    @Nullable Password password = config.getPassword(PASSWORD);
    return new RedisSettings(
        topology,
        uris.endpoints(),
        username == null ? uris.username() : username,
        password == null ? uris.password() : password,
        credentials(config, password == null ? uris.password() : password),
        uris.database(),
        sentinelMaster,
        config.getString(SENTINEL_USERNAME),
        config.getPassword(SENTINEL_PASSWORD),
        uris.tls() ? Optional.of(tls(config)) : Optional.empty(),
        Duration.ofMillis(config.getInt(CONNECT_TIMEOUT)),
        Duration.ofMillis(config.getInt(COMMAND_TIMEOUT)),
        clientName.replaceAll("[^!-~]", "_").toLowerCase(Locale.ROOT));
  }

  private static Optional<CredentialsSettings> credentials(
      AbstractConfig config, @Nullable Password password) {
    @Nullable Class<?> provider = config.getClass(CREDENTIALS_PROVIDER);
    if (provider == null) {
      return Optional.empty();
    }
    if (password != null) {
      throw new ConfigException(
          CREDENTIALS_PROVIDER
              + ": is set, and so is redis.password or a password in redis.uri. Remove the password:"
              + " the provider has it");
    }
    Map<String, Object> settings = new HashMap<>(config.originalsWithPrefix(CREDENTIALS_PREFIX));
    settings.remove(CREDENTIALS_PROVIDER.substring(CREDENTIALS_PREFIX.length()));
    return Optional.of(
        new CredentialsSettings(provider.asSubclass(RedisCredentialsProvider.class), settings));
  }

  /** Rejects TLS settings without TLS: the connection must not silently be unencrypted. */
  private static void refuseTls(AbstractConfig config) {
    for (ConfigDef.ConfigKey key : TLS_KEYS) {
      if (key.defaultValue == null && config.values().get(PREFIX + key.name) != null) {
        throw new ConfigException(
            PREFIX
                + key.name
                + ": is set, but redis.uri does not begin with rediss://, so the connection would"
                + " not be encrypted");
      }
    }
  }

  private static TlsSettings tls(AbstractConfig config) {
    Map<String, @Nullable Object> values = new HashMap<>();
    for (ConfigDef.ConfigKey key : TLS_KEYS) {
      values.put(key.name, config.values().get(PREFIX + key.name));
    }
    return new TlsSettings(values);
  }
}
