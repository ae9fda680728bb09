/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import io.claimstream.connect.redis.credentials.RedisCredentialsProvider;
import java.util.Map;

/**
 * The provider that {@code redis.credentials.provider.class} names.
 *
 * @param provider its class
 * @param settings those of the settings {@code redis.credentials.*} that are meant for it, without
 *     the prefix; may contain secrets
 */
public record CredentialsSettings(
    Class<? extends RedisCredentialsProvider> provider, Map<String, ?> settings) {

  /** Returns the class and the names of its settings, never their values. */
  @Override
  public String toString() {
    return provider.getName() + " with " + settings.keySet().stream().sorted().toList();
  }
}
