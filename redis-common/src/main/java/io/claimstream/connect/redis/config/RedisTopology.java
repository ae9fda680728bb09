/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

/** How the Redis servers stand together. */
public enum RedisTopology {
  /** One server, or several given in the order to try them. */
  STANDALONE,
  /** Sentinels name the master. */
  SENTINEL,
  /** Redis Cluster: each key has its own master. */
  CLUSTER
}
