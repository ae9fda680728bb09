/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import io.claimstream.connect.redis.config.RedisConnectionConfig;
import java.nio.file.Path;
import java.util.Map;

/**
 * A master and its replica without sentinels; a connector gets the addresses of both. The test
 * promotes the replica itself, so a failover takes no longer than the servers need. One thread
 * fails over; others may ask for the master meanwhile.
 */
public final class RedisPair implements OwnRedis {
  private final Map<String, String> settings;
  private volatile ForgetfulRedis master;
  private volatile ForgetfulRedis replica;

  /** Starts both, and returns when they are in sync. */
  public RedisPair(Path dir) {
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

  /** The one that takes writes. */
  public ForgetfulRedis master() {
    return master;
  }

  /** The other one. */
  public ForgetfulRedis replica() {
    return replica;
  }

  /** Waits until the replica has all that the master has, and persists it. */
  public void awaitReplication() {
    ReplicatedRedis.awaitLink(replica.server());
  }

  /** Nothing that the master does from now on reaches the replica. */
  public void cutReplication() {
    ReplicatedRedis.cut(master.server(), replica.server());
  }

  /** Kills the master and puts the replica in its place. */
  public void failOver() {
    master.kill();
    replica.promote();
    ForgetfulRedis former = master;
    master = replica;
    replica = former;
  }

  /** Starts the former master as the new one's replica. */
  public void formerMasterFollows() {
    replica.startAsReplicaOf(master);
    awaitReplication();
  }

  @Override
  public void close() {
    replica.close();
    master.close();
  }
}
