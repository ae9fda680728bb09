/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.config.TlsSettings;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * Adds TLS to sockets with Kafka's implementation of {@code ssl.*}: PEM, PKCS12 and JKS all work.
 */
final class TlsSockets {
  private final SSLContext context;
  private final SSLParameters parameters;

  /**
   * Loads the stores.
   *
   * @throws org.apache.kafka.common.KafkaException if a store or key cannot be read
   */
  TlsSockets(TlsSettings settings) {
    try (DefaultSslEngineFactory factory = new DefaultSslEngineFactory()) {
      factory.configure(settings.kafkaConfigs());
      this.context = factory.sslContext();
    }
    this.parameters = context.getDefaultSSLParameters();
    String @Nullable [] protocols = texts(settings, SslConfigs.SSL_ENABLED_PROTOCOLS_CONFIG);
    if (protocols != null) {
      parameters.setProtocols(protocols);
    }
    String @Nullable [] ciphers = texts(settings, SslConfigs.SSL_CIPHER_SUITES_CONFIG);
    if (ciphers != null) {
      parameters.setCipherSuites(ciphers);
    }
    parameters.setEndpointIdentificationAlgorithm(settings.endpointIdentificationAlgorithm());
  }

  /** Returns sockets that complete the handshake before they are used. */
  JedisSocketFactory over(JedisSocketFactory plain, HostAndPort address, int timeoutMillis) {
    return () -> {
      Socket socket = plain.createSocket();
      try {
        socket.setSoTimeout(timeoutMillis);
        SSLSocket tls =
            (SSLSocket)
                context
                    .getSocketFactory()
                    .createSocket(socket, address.getHost(), address.getPort(), true);
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        return tls;
      } catch (IOException e) {
        try {
          socket.close();
        } catch (IOException closing) {
          e.addSuppressed(closing);
        }
        throw new HandshakeException(e);
      }
    };
  }

  /** Marks a failure as one of TLS, which a plain timeout or end of stream does not show. */
  static final class HandshakeException extends JedisConnectionException {
    private static final long serialVersionUID = 1L;

    private HandshakeException(IOException cause) {
      super("TLS handshake failed: " + cause.getMessage(), cause);
    }
  }

  private static String @Nullable [] texts(TlsSettings settings, String key) {
    return settings.kafkaConfigs().get(key) instanceof List<?> list && !list.isEmpty()
        ? list.stream().map(Object::toString).toArray(String[]::new)
        : null;
  }
}
