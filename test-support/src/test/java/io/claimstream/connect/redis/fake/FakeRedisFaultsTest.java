/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.fake.Fault.Break;
import io.claimstream.connect.redis.fake.Fault.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class FakeRedisFaultsTest {
  private static final String OOM = "OOM command not allowed when used memory > 'maxmemory'.";
  private static final Command INCR = Command.of("INCR", "n");

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final RedisConnection connection = redis.open("n");

  @Test
  void doesNothingIfTheConnectionBreaksBefore() {
    redis.faults(FaultPlan.once(2, FaultPlan.named("INCR"), Break.BEFORE_EXECUTION));

    loses(() -> connection.pipeline(List.of(INCR, INCR, INCR)));

    assertThat(Rendering.reply(redis.call("GET", "n"))).isEqualTo("1");
    loses(() -> connection.call(INCR));
    assertThat(redis.open("n").call(INCR)).isEqualTo(2L);
  }

  @Test
  void executesOnceIfOnlyTheReplyIsLost() {
    redis.faults(FaultPlan.once(2, FaultPlan.named("INCR"), Break.AFTER_EXECUTION));

    connection.send(List.of(INCR, INCR, INCR));

    assertThat(connection.receive(1, Duration.ZERO)).containsExactly(1L);
    loses(() -> connection.receive(1, Duration.ZERO));
    assertThat(Rendering.reply(redis.call("GET", "n"))).isEqualTo("2");
  }

  @Test
  void executesWhatIsHeldBackAfterWhatOthersSendMeanwhile() {
    redis.faults(FaultPlan.once(2, FaultPlan.named("INCR"), new Fault.Late(2)));
    RedisConnection other = redis.open("n");

    loses(() -> connection.pipeline(List.of(INCR, INCR, INCR)));
    connection.close();

    assertThat(Rendering.reply(other.call(Command.of("GET", "n")))).isEqualTo("1");
    assertThat(other.call(INCR)).isEqualTo(4L);
  }

  @Test
  void losesTheReplyOfATransactionThatWasExecuted() {
    redis.faults(FaultPlan.once(1, FaultPlan.named("EXEC"), Break.AFTER_EXECUTION));

    loses(() -> connection.pipeline(List.of(Command.of("MULTI"), INCR, Command.of("EXEC"))));

    assertThat(Rendering.reply(redis.call("GET", "n"))).isEqualTo("1");
  }

  @Test
  void dropsATransactionThatWasNotFinished() {
    redis.faults(FaultPlan.once(1, FaultPlan.named("EXEC"), Break.BEFORE_EXECUTION));

    loses(() -> connection.pipeline(List.of(Command.of("MULTI"), INCR, Command.of("EXEC"))));

    assertThat(redis.call("GET", "n")).isNull();
  }

  @Test
  void comesBackWithWhatItHeldEarlierAndWithoutItsConnections() {
    redis.call("SET", "n", "5");
    redis.call("HSET", "h", "f", "1");
    redis.call("XADD", "s", "1-0", "f", "v");
    redis.call("XGROUP", "CREATE", "s", "g", "0");
    FakeRedis.Snapshot earlier = redis.snapshot();
    redis.call("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">");
    redis.call("XADD", "s", "2-0", "f", "v");
    redis.call("HSET", "h", "f", "2");
    redis.call("DEL", "n");

    redis.comeBackAs(earlier);

    loses(() -> connection.call(INCR));
    assertThat(Rendering.reply(redis.call("GET", "n"))).isEqualTo("5");
    assertThat(Rendering.reply(redis.call("HGET", "h", "f"))).isEqualTo("1");
    assertThat(redis.call("XLEN", "s")).isEqualTo(1L);
    assertThat(Rendering.reply(redis.call("XPENDING", "s", "g"))).startsWith("[#0 ");
  }

  @Test
  void refusesACommandInTheWordsOfThePlan() {
    redis.faults(FaultPlan.always(FaultPlan.named("INCR"), new Refusal(OOM)));

    assertThat(rendered(INCR, Command.of("GET", "n"))).containsExactly("(" + OOM + ")", "nil");

    redis.faults(FaultPlan.none());
    assertThat(connection.call(INCR)).isEqualTo(1L);
  }

  @Test
  void doomsATransactionByRefusingOneOfItsCommands() {
    redis.faults(FaultPlan.once(1, FaultPlan.named("INCR"), new Refusal(OOM)));

    assertThat(rendered(Command.of("MULTI"), INCR, INCR, Command.of("EXEC")))
        .containsExactly(
            "OK",
            "(" + OOM + ")",
            "QUEUED",
            "(EXECABORT Transaction discarded because of previous errors.)");
    assertThat(connection.call(INCR)).isEqualTo(1L);
  }

  @Test
  void saysWhyItRefusesToExecuteATransaction() {
    redis.faults(FaultPlan.once(1, FaultPlan.named("EXEC"), new Refusal(OOM)));

    assertThat(rendered(Command.of("MULTI"), INCR, Command.of("EXEC")))
        .endsWith("(EXECABORT Transaction discarded because of: " + OOM + ")");
    assertThat(connection.call(INCR)).isEqualTo(1L);
  }

  @Test
  void repeatsARandomPlanByItsSeed() {
    List<Fault> faults = List.of(new Refusal(OOM), new Refusal("READONLY no"));

    List<String> first = randomRun(FaultPlan.random(7, 0.3, faults));

    assertThat(randomRun(FaultPlan.random(7, 0.3, faults))).isEqualTo(first);
    assertThat(randomRun(FaultPlan.random(8, 0.3, faults))).isNotEqualTo(first);
    assertThat(first).contains("PONG", "(" + OOM + ")", "(READONLY no)");
  }

  private List<String> randomRun(FaultPlan plan) {
    redis.faults(plan);
    return rendered(Stream.generate(() -> Command.of("PING")).limit(100).toArray(Command[]::new));
  }

  @Test
  void losesRepliesWhenItsConnectionsAreKilled() {
    connection.send(List.of(INCR));

    redis.killConnections();

    loses(() -> connection.receive(1, Duration.ZERO));
    assertThat(redis.openConnections()).isZero();
    assertThat(redis.open("n").call(INCR)).isEqualTo(2L);
  }

  @Test
  void refusesConnectionsWhileItIsStoppedAndKeepsItsKeys() {
    connection.call(INCR);

    redis.stop();

    loses(() -> connection.call(INCR));
    loses(() -> redis.open("n"));
    redis.start();
    assertThat(redis.open("n").call(INCR)).isEqualTo(2L);
  }

  @Test
  void forgetsAllKeysWhenFlushed() {
    connection.call(INCR);

    redis.flushAll();

    assertThat(connection.call(INCR)).isEqualTo(1L);
  }

  @Test
  void forgetsClosedConnections() {
    assertThat(redis.openConnections()).isEqualTo(1);

    connection.close();

    assertThat(redis.openConnections()).isZero();
  }

  @Test
  void asksTheTestWhatHappensWhileAReadBlocks() {
    List<Duration> waits = new ArrayList<>();
    redis.whenReadBlocks(
        patience -> {
          waits.add(patience);
          clock.advance(patience);
          redis.call("XADD", "s", "*", "f", "v");
        });

    Object reply = connection.call(Command.of("XREAD", "BLOCK", 500, "STREAMS", "s", "$"));

    assertThat(waits).containsExactly(Duration.ofMillis(500));
    assertThat(Rendering.reply(reply)).isEqualTo("[[s [[" + clock.millis() + "-0 [f v]]]]]");
  }

  @Test
  void neverBlocksInATransaction() {
    redis.whenReadBlocks(patience -> redis.call("XADD", "s", "*", "f", "v"));

    assertThat(
            rendered(
                Command.of("MULTI"),
                Command.of("XREAD", "BLOCK", 500, "STREAMS", "s", "0"),
                Command.of("EXEC")))
        .endsWith("[nil]");
  }

  @Test
  void othersActBeforeEachCommandButInATransaction() {
    List<String> before = new ArrayList<>();
    redis.between(
        command -> {
          before.add(command.name());
          redis.call("INCR", "n");
        });

    assertThat(
            rendered(
                INCR, Command.of("MULTI"), INCR, INCR, Command.of("EXEC"), Command.of("GET", "n")))
        .endsWith("[#4 #5]", "6");
    assertThat(before).containsExactly("INCR", "MULTI", "GET");
  }

  @Test
  void othersCanBreakTheConnectionBeforeACommand() {
    redis.between(command -> redis.killConnections());

    loses(() -> connection.pipeline(List.of(INCR)));

    assertThat(redis.call("GET", "n")).isNull();
  }

  private List<String> rendered(Command... commands) {
    return connection.pipeline(List.of(commands)).stream().map(Rendering::reply).toList();
  }

  private static void loses(ThrowingCallable action) {
    assertThatExceptionOfType(RedisOutageException.class).isThrownBy(action);
  }
}
