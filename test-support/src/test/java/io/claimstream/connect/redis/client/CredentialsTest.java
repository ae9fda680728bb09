/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.credentials.FileCredentialsProvider;
import io.claimstream.connect.redis.credentials.RedisCredentials;
import io.claimstream.connect.redis.credentials.RedisCredentialsProvider;
import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.server.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins with credentials that change, on a real server. */
@EnabledIf("io.claimstream.connect.redis.server.RedisServer#isAvailable")
class CredentialsTest {
  private static final String FIRST = "s3cret-1";
  private static final String SECOND = "s3cret-2";

  private final FakeClock clock = new FakeClock();

  @SuppressWarnings("NullAway.Init")
  private RedisServer server;

  @SuppressWarnings("NullAway.Init")
  private RedisConnection operator;

  @TempDir private Path folder;

  @BeforeEach
  void startServer() {
    server = RedisServer.start();
    operator = server.connect();
    setPassword(FIRST);
    TokenProvider.asked.set(0);
    TokenProvider.token = FIRST;
    TokenProvider.life = Duration.ofHours(1);
  }

  @AfterEach
  void stopServer() {
    operator.close();
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "\r\n"})
  void aFileIsReadAgainForEachConnection(String lineEnd) throws IOException {
    // given
    Path password = Files.writeString(folder.resolve("password"), FIRST + lineEnd);
    Path username = Files.writeString(folder.resolve("username"), "claims" + lineEnd);
    RedisConnections connections =
        connections(
            FileCredentialsProvider.class,
            "redis.credentials.password.file",
            password.toString(),
            "redis.credentials.username.file",
            username.toString());
    ping(connections);

    // when
    setPassword(SECOND);
    Files.writeString(password, SECOND + lineEnd);

    // then
    ping(connections);
  }

  @Test
  void credentialsThatAreRefusedAfterALoginAreAnOutageForSomeMinutes() throws IOException {
    // given a login that worked
    Path password = Files.writeString(folder.resolve("password"), FIRST);
    RedisConnections connections = byFile(password);
    ping(connections);

    // when only the server has the new password
    setPassword(SECOND);

    // then
    assertThatExceptionOfType(RedisOutageException.class)
        .isThrownBy(() -> connections.open("k"))
        .withMessageContaining("WRONGPASS")
        .withMessageContaining("Earlier credentials were accepted")
        .withMessageNotContaining("s3cret");

    // and when it has had it for a while
    clock.advance(Login.LONGEST_ROTATION.plusSeconds(1));
    assertThatExceptionOfType(RedisConfigurationException.class)
        .isThrownBy(() -> connections.open("k"))
        .withMessageContaining("refused for 5 minutes");

    // and when the worker gets it, and another one follows later
    Files.writeString(password, SECOND);
    ping(connections);
    setPassword(FIRST);
    assertThatExceptionOfType(RedisOutageException.class).isThrownBy(() -> connections.open("k"));
  }

  @Test
  void aFixedPasswordThatIsRefusedAfterALoginIsAnOutageAsWell() {
    // given
    RedisConnections connections =
        new JedisConnections(
            server.settings(Map.of("redis.username", "claims", "redis.password", FIRST)),
            clock.steady());
    ping(connections);

    // when
    setPassword(SECOND);

    // then
    assertThatExceptionOfType(RedisOutageException.class).isThrownBy(() -> connections.open("k"));
  }

  @Test
  void credentialsThatNeverWorkedAreAnErrorOfConfiguration() throws IOException {
    // given
    Path password = Files.writeString(folder.resolve("password"), SECOND);
    RedisConnections connections = byFile(password);

    // then
    assertThatExceptionOfType(RedisConfigurationException.class)
        .isThrownBy(() -> connections.open("k"))
        .withMessageContaining("WRONGPASS")
        .withMessageNotContaining("s3cret");

    // and without the file, or with nothing in it yet
    Files.writeString(password, "\n");
    assertThatExceptionOfType(RedisConfigurationException.class)
        .isThrownBy(() -> connections.open("k"))
        .withMessageContaining("redis.credentials.password.file: " + password + " is empty");
    Files.delete(password);
    assertThatExceptionOfType(RedisConfigurationException.class)
        .isThrownBy(() -> connections.open("k"))
        .withMessageContaining("redis.credentials.password.file: cannot read " + password);
  }

  @Test
  void anEmptyFileDuringARotationIsAnOutage() throws IOException {
    // given
    Path password = Files.writeString(folder.resolve("password"), FIRST);
    RedisConnections connections = byFile(password);
    ping(connections);

    // when
    Files.writeString(password, "");

    // then
    assertThatExceptionOfType(RedisOutageException.class)
        .isThrownBy(() -> connections.open("k"))
        .withMessageContaining("redis.credentials.provider.class");
  }

  @Test
  void aConnectionLogsInAgainBeforeItsTokenExpires() {
    // given tokens that live for a little more than a second
    TokenProvider.life = Duration.ofMillis(1_300);
    RedisConnections connections = connections(TokenProvider.class);
    try (RedisConnection connection = connections.open("k")) {
      assertThat(TokenProvider.asked).hasValue(1);

      // when the server gets another one
      setPassword(SECOND);
      TokenProvider.token = SECOND;

      // then the same connection logs in with it, between two commands
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                assertThat(Replies.text(connection.call(Command.of("PING")))).isEqualTo("PONG");
                return TokenProvider.asked.get() > 2;
              });
      assertThat(Replies.text(operator.call(Command.of("INFO", "commandstats"))))
          .containsPattern("cmdstat_auth:calls=[2-9]");
    }
  }

  @Test
  void aTokenThatIsRefusedWhenItIsRenewedIsAnOutage() {
    // given
    TokenProvider.life = Duration.ofMillis(1_300);
    RedisConnections connections = connections(TokenProvider.class);
    try (RedisConnection connection = connections.open("k")) {

      // when
      TokenProvider.token = "wrong";

      // then
      assertThatExceptionOfType(RedisOutageException.class)
          .isThrownBy(
              () ->
                  await()
                      .atMost(Duration.ofSeconds(20))
                      .until(() -> connection.call(Command.of("PING")) == null))
          .withMessageContaining("WRONGPASS")
          .withMessageNotContaining("wrong ");
    }
  }

  @Test
  void aTokenThatCannotBeRenewedYetLeavesTheConnectionAsItIs() {
    // given
    TokenProvider.life = Duration.ofMillis(1_300);
    RedisConnections connections = connections(TokenProvider.class);
    try (RedisConnection connection = connections.open("k")) {

      // when
      TokenProvider.token = null;

      // then
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                assertThat(Replies.text(connection.call(Command.of("PING")))).isEqualTo("PONG");
                return TokenProvider.asked.get() > 2;
              });
    }
  }

  @Test
  void aPasswordBesideAProviderIsRefused() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> settings(TokenProvider.class, "redis.password", "s3cret"))
        .withMessageContaining("redis.credentials.provider.class")
        .withMessageContaining("Remove the password")
        .withMessageNotContaining("s3cret");
  }

  @Test
  void aProvidersOwnMistakeNamesTheProvidersSetting() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> connections(FileCredentialsProvider.class))
        .withMessageContaining("redis.credentials.provider.class")
        .withMessageContaining("redis.credentials.password.file: must be the path of a file");
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () ->
                connections(FileCredentialsProvider.class, "redis.credentials.pasword.file", "/x"))
        .withMessageContaining("redis.credentials.pasword.file: is not a setting");
  }

  @Test
  void aClassThatIsNoProviderIsRefused() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () ->
                server.settings(Map.of("redis.credentials.provider.class", String.class.getName())))
        .withMessageContaining("java.lang.String does not implement");
  }

  @Test
  void settingsOfAProviderAreNotPrinted() {
    assertThat(settings(TokenProvider.class, "redis.credentials.secret", "s3cret").toString())
        .contains(TokenProvider.class.getName(), "secret]")
        .doesNotContain("s3cret");
  }

  private void setPassword(String password) {
    operator.call(
        Command.of("ACL", "SETUSER", "claims", "on", "resetpass", ">" + password, "~*", "+@all"));
  }

  private static void ping(RedisConnections connections) {
    try (RedisConnection connection = connections.open("k")) {
      assertThat(Replies.text(connection.call(Command.of("ACL", "WHOAMI")))).isEqualTo("claims");
    }
  }

  private RedisConnections byFile(Path password) {
    return connections(
        FileCredentialsProvider.class,
        "redis.credentials.password.file",
        password.toString(),
        "redis.username",
        "claims");
  }

  private RedisConnections connections(
      Class<? extends RedisCredentialsProvider> provider, String... more) {
    return new JedisConnections(settings(provider, more), clock.steady());
  }

  private RedisSettings settings(
      Class<? extends RedisCredentialsProvider> provider, String... more) {
    Map<String, String> properties = new HashMap<>();
    properties.put("redis.credentials.provider.class", provider.getName());
    for (int i = 0; i < more.length; i += 2) {
      properties.put(more[i], more[i + 1]);
    }
    return server.settings(properties);
  }

  /** Provides tokens that expire. */
  public static final class TokenProvider implements RedisCredentialsProvider {
    private static final AtomicInteger asked = new AtomicInteger();
    private static volatile Duration life = Duration.ofHours(1);
    private static volatile @Nullable String token;

    @Override
    public void configure(Map<String, ?> settings) {}

    @Override
    public RedisCredentials credentials() {
      asked.incrementAndGet();
      String now = token;
      if (now == null) {
        throw new IllegalStateException("the token service is down");
      }
      return new RedisCredentials(
          "claims", new Password(now), Optional.of(Instant.now().plus(life)));
    }
  }
}
