/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.retry.OutageBreaker;
import io.claimstream.connect.redis.retry.RetryLimits;
import io.claimstream.connect.source.lane.LaneConnections.Follower;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LaneConnectionsTest {
  private final FakeRedis redis = new FakeRedis(Clock.systemUTC());
  private final FakeClock clock = new FakeClock();
  private final OutageBreaker breaker =
      new OutageBreaker(
          "lane", new RetryLimits(Optional.empty(), Duration.ofSeconds(10)), clock.steady());
  private final LaneConnections connections = new LaneConnections(redis, "claims:events", breaker);

  @Test
  void aFollowerKeepsItsConnectionAsLongAsTheReaderKeepsIts() {
    connections.lead();
    Follower follower = connections.follower();

    assertThat(follower.open()).isSameAs(follower.open());
    assertThat(redis.openConnections()).isEqualTo(2);
  }

  @Test
  void aFollowerLeavesItsConnectionWhenTheReaderHasANewOne() {
    // given
    connections.lead().close();
    Follower follower = connections.follower();
    RedisConnection former = follower.open();

    // when
    connections.lead();
    RedisConnection next = follower.open();

    // then
    assertThat(next).isNotSameAs(former).isSameAs(follower.open());
    assertThat(redis.openConnections()).isEqualTo(2);
  }

  @Test
  void aClosedFollowerConnectsAgainWhenItIsNeeded() {
    // given
    Follower follower = connections.follower();
    RedisConnection former = follower.open();

    // when
    follower.close();

    // then
    assertThat(redis.openConnections()).isZero();
    assertThat(follower.open()).isNotSameAs(former);
  }

  @Test
  void aFollowerAsksNothingWhileTheReaderWaitsForRedis() {
    // given
    connections.lead();
    Follower follower = connections.follower();
    follower.open();

    // when
    breaker.failed(new RedisOutageException("connection refused", null));

    // then
    assertThat(follower.mustWait()).isTrue();
    assertThatExceptionOfType(RedisOutageException.class).isThrownBy(follower::open);
    clock.advance(breaker.remaining());
    assertThat(follower.mustWait()).isFalse();
    assertThat(follower.open()).isNotNull();
  }

  @Test
  void aFollowerMayTryWhileTheReaderDoes() {
    // given
    Follower follower = connections.follower();
    breaker.failed(new RedisOutageException("connection refused", null));
    clock.advance(breaker.remaining());

    // when
    breaker.tryAcquire();

    // then
    assertThat(follower.mustWait()).isFalse();
    assertThat(follower.open()).isNotNull();
  }
}
