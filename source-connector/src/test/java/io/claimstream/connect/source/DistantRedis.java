/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A Redis behind a network: a reply arrives one round trip after its command was sent, and waiting
 * advances the clock. It can freeze like a stopped process: the operating system accepts
 * connections, and no command gets a reply.
 */
final class DistantRedis implements RedisConnections {
  /** The settings' default. */
  static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(5);

  /** Time that a new connection waits for the server's reply to HELLO. */
  static final Duration HANDSHAKE = Duration.ofSeconds(2);

  private final FakeRedis redis;
  private final FakeClock clock;
  private final Duration roundTrip;
  private boolean frozen;
  private int waits;

  DistantRedis(FakeRedis redis, FakeClock clock, Duration roundTrip) {
    this.redis = redis;
    this.clock = clock;
    this.roundTrip = roundTrip;
  }

  /** Stops replying. */
  void freeze() {
    frozen = true;
  }

  /** Replies to new commands again. */
  void thaw() {
    frozen = false;
  }

  /** Number of waits since the last call. */
  int waits() {
    int since = waits;
    waits = 0;
    return since;
  }

  private void pass(Duration time) {
    if (!time.isZero() && !time.isNegative()) {
      waits++;
      clock.advance(time);
    }
  }

  @Override
  public RedisConnection open(String key) {
    if (frozen) {
      pass(HANDSHAKE);
      throw new RedisOutageException("cannot connect to Redis: it does not answer", null);
    }
    pass(roundTrip);
    return new Distant(redis.open(key));
  }

  private final class Distant implements RedisConnection {
    private final RedisConnection near;

    /** Arrival time of each command's reply; null if it never arrives. */
    private final Queue<Instant> arrivals = new ArrayDeque<>();

    private boolean stuck;

    Distant(RedisConnection near) {
      this.near = near;
    }

    @Override
    public void send(List<Command> commands) {
      stuck = stuck || frozen;
      if (!stuck) {
        near.send(commands);
        Instant arrival = clock.steady().instant().plus(roundTrip);
        commands.forEach(command -> arrivals.add(arrival));
      }
    }

    @Override
    public boolean awaitReply(Duration atMost) {
      Instant arrival = arrivals.peek();
      Duration missing = arrival == null ? atMost : until(arrival);
      boolean inTime = arrival != null && missing.compareTo(atMost) <= 0;
      pass(inTime ? missing : atMost);
      return inTime;
    }

    @Override
    public List<@Nullable Object> receive(int replies, Duration patience) {
      for (int i = 0; i < replies; i++) {
        Instant arrival = arrivals.poll();
        if (arrival == null) {
          pass(COMMAND_TIMEOUT.plus(patience));
          throw new RedisOutageException("connection to Redis lost: Read timed out", null);
        }
        pass(until(arrival));
      }
      return near.receive(replies, patience);
    }

    private Duration until(Instant arrival) {
      Duration missing = Duration.between(clock.steady().instant(), arrival);
      return missing.isNegative() ? Duration.ZERO : missing;
    }

    @Override
    public boolean isClosedByServer() {
      return near.isClosedByServer();
    }

    @Override
    public String address() {
      return near.address();
    }

    @Override
    public void close() {
      near.close();
    }
  }
}
