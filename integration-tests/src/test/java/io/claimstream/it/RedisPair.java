/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import io.claimstream.connect.redis.config.RedisConnectionConfig;
import java.nio.file.Path;
import java.util.Map;

/**
 * A master and its replica without sentinels; a connector gets the addresses of both. The test
 * promotes the replica itself, so a failover takes no longer than the servers need.
 */
final class RedisPair implements OwnRedis {
  private final Map<String, String> settings;
  private ForgetfulRedis master;
  private ForgetfulRedis replica;

  /** Starts both, and returns when they are in sync. */
  RedisPair(Path dir) {
    this.master = new ForgetfulRedis(dir.resolve("first"));
    this.replica = new ForgetfulRedis(dir.resolve("second"));
    this.settings = Map.of(RedisConnectionConfig.URI, master.uri() + "," + replica.uri());
    replica.kill();
    replica.startAsReplicaOf(master);
    awaitReplication();
  }

  @Override
  public Map<String, String> settings() {
    return settings;
  }

  @Override
  public Redis open() {
    return master.open();
  }

  ForgetfulRedis master() {
    return master;
  }

  ForgetfulRedis replica() {
    return replica;
  }

  /** Waits until the replica has all that the master has, and persists it. */
  void awaitReplication() {
    ReplicatedRedis.awaitLink(replica.server());
  }

  /** Nothing that the master does from now on reaches the replica. */
  void cutReplication() {
    ReplicatedRedis.cut(master.server(), replica.server());
  }

  /** Kills the master and puts the replica in its place. */
  void failOver() {
    master.kill();
    replica.promote();
    ForgetfulRedis former = master;
    master = replica;
    replica = former;
  }

  /** Starts the former master as the new one's replica. */
  void formerMasterFollows() {
    replica.startAsReplicaOf(master);
    awaitReplication();
  }

  @Override
  public void close() {
    replica.close();
    master.close();
  }
}
