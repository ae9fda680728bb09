/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

/**
 * The address of a server or sentinel.
 *
 * @param host name or IP address
 * @param port 1 to 65535
 */
public record RedisEndpoint(String host, int port) {
  @Override
  public String toString() {
    return host + ':' + port;
  }
}
