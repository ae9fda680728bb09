/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.credentials;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/**
 * Reads the password, and the user if wanted, from files whenever a connection is opened: mounted
 * Kubernetes secrets, or what an agent of a secret store writes.
 *
 * <p>Settings: {@code redis.credentials.password.file}, and {@code redis.credentials.username.file}
 * in place of {@code redis.username}. Each file contains nothing else than the text in UTF-8; a
 * line end after it is ignored.
 */
public final class FileCredentialsProvider implements RedisCredentialsProvider {
  private static final String PREFIX = "redis.credentials.";
  private static final String PASSWORD_FILE = "password.file";
  private static final String USERNAME_FILE = "username.file";

  private @Nullable Path password;
  private @Nullable Path username;

  @Override
  public void configure(Map<String, ?> settings) {
    for (String name : settings.keySet()) {
      if (!name.equals(PASSWORD_FILE) && !name.equals(USERNAME_FILE)) {
        throw new ConfigException(
            PREFIX + name + ": is not a setting of " + FileCredentialsProvider.class.getName());
      }
    }
    password = path(settings.get(PASSWORD_FILE));
    username = path(settings.get(USERNAME_FILE));
    if (password == null) {
      throw new ConfigException(PREFIX + PASSWORD_FILE + ": must be the path of a file");
    }
  }

  private static @Nullable Path path(@Nullable Object value) {
    return value == null || value.toString().isBlank() ? null : Path.of(value.toString().trim());
  }

  @Override
  public RedisCredentials credentials() {
    String user = username == null ? null : read(USERNAME_FILE, username);
    if (password == null) {
      throw new IllegalStateException("the provider was not configured");
    }
    return RedisCredentials.of(user, new Password(read(PASSWORD_FILE, password)));
  }

  private static String read(String setting, Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new UncheckedIOException(PREFIX + setting + ": " + file + " is not UTF-8 text", e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          PREFIX + setting + ": cannot read " + file + " (" + e.getClass().getSimpleName() + ")",
          e);
    }
    String secret = text.replaceFirst("\\R$", "");
    if (secret.isEmpty()) {
      // half written, as by an agent that truncates the file first
      throw new IllegalStateException(PREFIX + setting + ": " + file + " is empty");
    }
    return secret;
  }
}
