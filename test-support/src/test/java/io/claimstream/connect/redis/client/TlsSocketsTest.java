/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.server.RedisServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

@EnabledIf("io.claimstream.connect.redis.server.RedisServer#isAvailable")
class TlsSocketsTest {
  private static final String PASSWORD = "changeit";

  @TempDir private static Path folder;
  private static RedisServer server;

  @BeforeAll
  static void startServer() throws IOException, GeneralSecurityException, InterruptedException {
    Path certificate = selfSigned("server", "ip:127.0.0.1");
    selfSigned("stranger", "ip:127.0.0.1");
    server =
        RedisServer.start(
            "--port",
            "0",
            "--tls-port",
            "%PORT%",
            "--tls-cert-file",
            certificate.toString(),
            "--tls-key-file",
            folder.resolve("server.key").toString(),
            "--tls-ca-cert-file",
            certificate.toString(),
            "--tls-auth-clients",
            "no");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void trustsACertificateGivenAsPem() throws IOException {
    try (RedisConnection connection = open("127.0.0.1", trust("server"))) {
      assertThat(Replies.text(connection.call(Command.of("PING")))).isEqualTo("PONG");
    }
  }

  @Test
  void trustsACertificateInAStore() {
    Map<String, String> store =
        Map.of(
            "redis.ssl.truststore.type",
            "PKCS12",
            "redis.ssl.truststore.location",
            folder.resolve("server.p12").toString(),
            "redis.ssl.truststore.password",
            PASSWORD);

    try (RedisConnection connection = open("127.0.0.1", store)) {
      assertThat(Replies.text(connection.call(Command.of("PING")))).isEqualTo("PONG");
    }
  }

  @Test
  void isOutWhenItsConnectionIsKilled() throws IOException {
    try (RedisConnection victim = open("127.0.0.1", trust("server"));
        RedisConnection killer = open("127.0.0.1", trust("server"))) {
      assertThat(victim.address()).isEqualTo("127.0.0.1:" + server.port());
      Object id = victim.call(Command.of("CLIENT", "ID"));
      killer.call(Command.of("CLIENT", "KILL", "ID", String.valueOf(id)));

      assertThatExceptionOfType(RedisOutageException.class)
          .isThrownBy(() -> victim.call(Command.of("PING")))
          .withMessageContaining("127.0.0.1:" + server.port());
    }
  }

  @Test
  void namesTheValueThatIsTooLargeForTheServer() throws IOException {
    try (RedisConnection connection = open("127.0.0.1", trust("server"));
        RedisConnection admin = open("127.0.0.1", trust("server"))) {
      admin.call(Command.of("CONFIG", "SET", "proto-max-bulk-len", 1 << 20));
      connection.send(
          List.of(Command.of("SET", "k", "v"), Command.of("SET", "k", "v".repeat(3_000_000))));

      assertThat(connection.receive(2, Duration.ZERO).get(1))
          .isEqualTo(new ErrorReply("ERR Protocol error: invalid bulk length"));
    }
  }

  @Test
  void refusesAStranger() throws IOException {
    Map<String, String> stranger = trust("stranger");

    assertThatExceptionOfType(RedisOutageException.class)
        .isThrownBy(() -> open("127.0.0.1", stranger).close())
        .withMessageContaining("127.0.0.1:" + server.port())
        .withMessageContaining("TLS");
  }

  @Test
  void refusesAServerOfAnotherNameUnlessTheCheckIsOff() throws IOException {
    Map<String, String> trust = trust("server");
    assertThatExceptionOfType(RedisOutageException.class)
        .isThrownBy(() -> open("localhost", trust).close())
        .withMessageContaining("localhost");

    trust.put("redis.ssl.endpoint.identification.algorithm", "");
    try (RedisConnection connection = open("localhost", trust)) {
      assertThat(Replies.text(connection.call(Command.of("PING")))).isEqualTo("PONG");
    }
  }

  @Test
  void namesTheStoreThatCannotBeRead() {
    Map<String, String> missing =
        Map.of("redis.ssl.truststore.location", folder.resolve("missing.p12").toString());

    assertThatExceptionOfType(KafkaException.class)
        .isThrownBy(() -> open("127.0.0.1", missing).close())
        .withStackTraceContaining("missing.p12");
  }

  private static RedisConnection open(String host, Map<String, String> tls) {
    Map<String, String> properties = new HashMap<>(tls);
    properties.put("redis.uri", "rediss://" + host + ":" + server.port());
    return RedisConnections.of(server.settings(properties)).open("k");
  }

  private static Map<String, String> trust(String name) throws IOException {
    Map<String, String> properties = new HashMap<>();
    properties.put("redis.ssl.truststore.type", "PEM");
    properties.put(
        "redis.ssl.truststore.certificates", Files.readString(folder.resolve(name + ".crt")));
    return properties;
  }

  /** Creates {@code <name>.p12}, {@code <name>.key} and {@code <name>.crt}; returns the last. */
  private static Path selfSigned(String name, String subjectAlternativeName)
      throws IOException, GeneralSecurityException, InterruptedException {
    Path store = folder.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "RSA",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=" + subjectAlternativeName,
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .inheritIO()
            .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    writePem(name + ".key", "PRIVATE KEY", keys.getKey(name, PASSWORD.toCharArray()).getEncoded());
    return writePem(name + ".crt", "CERTIFICATE", keys.getCertificate(name).getEncoded());
  }

  private static Path writePem(String file, String type, byte[] content) throws IOException {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return Files.writeString(
        folder.resolve(file),
        "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n");
  }
}
