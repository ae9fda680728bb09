/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import static java.util.Objects.requireNonNull;

import io.claimstream.connect.redis.client.RedisConnection;
import java.util.List;

class FakeRedisContractTest extends RedisContract {
  private final FakeRedis fake = new FakeRedis(new FakeClock());

  FakeRedisContractTest() {
    fake.script(SCRIPT, FakeRedisContractTest::acknowledgeAndAdd);
  }

  private static Object acknowledgeAndAdd(
      ScriptFunction.Calls redis, List<byte[]> keys, List<byte[]> arguments) {
    redis.call("XACK", keys.get(0), arguments.get(0), arguments.get(1));
    return requireNonNull(redis.call("XADD", keys.get(1), "9-1", "of", arguments.get(1)));
  }

  @Override
  RedisConnection open() {
    return fake.open("s");
  }

  @Override
  void full(boolean now) {
    fake.full(now);
  }
}
