/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.credentials;

import java.util.Map;
import org.apache.kafka.common.Configurable;

/**
 * Provides the credentials of connections to Redis: from files, a secret store, or a cloud's
 * tokens. An implementation is a public class with a public constructor without parameters, in a
 * jar in the plugin's folder, named by {@code redis.credentials.provider.class}.
 *
 * <p>Each task has an instance of its own, and each validation of a configuration another one. It
 * is not closed, so it must not hold what must be: open files or threads of its own.
 */
public interface RedisCredentialsProvider extends Configurable {

  /**
   * Receives the connector's settings that begin with {@code redis.credentials.}, without that
   * prefix, once and before anything else.
   *
   * @throws org.apache.kafka.common.config.ConfigException if one is invalid
   */
  @Override
  void configure(Map<String, ?> settings);

  /**
   * Returns the credentials to log in with now. Called before each connect, and before {@link
   * RedisCredentials#expiry}; by any thread, and by several at the same time.
   *
   * <p>Must return within the connector's timeouts. An exception counts as a refused login: it
   * fails the task if no login has succeeded yet, and is retried for some minutes otherwise. Its
   * message is logged, and must not contain a secret.
   */
  RedisCredentials credentials();
}
