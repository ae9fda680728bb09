/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/**
 * Self-signed certificates in a folder: {@code <name>.p12} with key and certificate, {@code
 * <name>.key} and {@code <name>.crt} as PEM, and {@code <name>-trust.p12} with the certificate.
 */
final class Certificates {
  private final Path folder;
  private final String password;

  Certificates(Path folder, String password) {
    this.folder = folder.toAbsolutePath();
    this.password = password;
  }

  /** Makes one for a server or client of that name on the loopback address. */
  void make(String name) {
    try {
      Files.createDirectories(folder);
      Process keytool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  name,
                  "-keyalg",
                  "EC",
                  "-dname",
                  "CN=" + name,
                  "-ext",
                  "san=ip:127.0.0.1",
                  "-storetype",
                  "PKCS12",
                  "-keystore",
                  file(name + ".p12"),
                  "-storepass",
                  password)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve(name + ".log").toFile())
              .start();
      assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(folder.resolve(name + ".p12"))) {
        keys.load(in, password.toCharArray());
      }
      writePem(
          name + ".key", "PRIVATE KEY", keys.getKey(name, password.toCharArray()).getEncoded());
      writePem(name + ".crt", "CERTIFICATE", keys.getCertificate(name).getEncoded());
      KeyStore trust = KeyStore.getInstance("PKCS12");
      trust.load(null, null);
      trust.setCertificateEntry(name, keys.getCertificate(name));
      try (var out = Files.newOutputStream(folder.resolve(name + "-trust.p12"))) {
        trust.store(out, password.toCharArray());
      }
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError("no certificate for " + name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("no certificate for " + name, e);
    }
  }

  private void writePem(String file, String type, byte[] content) throws IOException {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    Files.writeString(
        folder.resolve(file),
        "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n");
  }

  /** The path of one of the files. */
  String file(String name) {
    return folder.resolve(name).toString();
  }

  /** The text of one of the PEM files. */
  String pem(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Lines of a redis.conf for a port that asks clients for the certificate of that name. */
  String[] serverConfig(int tlsPort, String server, String client) {
    return new String[] {
      "tls-port " + tlsPort,
      "tls-cert-file \"" + file(server + ".crt") + '"',
      "tls-key-file \"" + file(server + ".key") + '"',
      "tls-ca-cert-file \"" + file(client + ".crt") + '"',
      "tls-auth-clients yes",
    };
  }
}
