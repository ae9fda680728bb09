/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

/** Deployment type of Redis. */
public enum RedisTopology {
  /** One server, or several servers in the order to try them. */
  STANDALONE,
  /** Sentinels that know the master. */
  SENTINEL,
  /** Redis Cluster: each key has its own master. */
  CLUSTER
}
