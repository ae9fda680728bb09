/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

/**
 * Where one server or sentinel listens.
 *
 * @param host name or address
 * @param port 1 to 65535
 */
public record RedisEndpoint(String host, int port) {
  @Override
  public String toString() {
    return host + ':' + port;
  }
}
