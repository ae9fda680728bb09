/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.GuardedScript;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Watched;
import io.claimstream.connect.redis.retention.Retention;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The behaviour of Redis that the connectors rely on, checked against the fake and a real server.
 */
abstract class RedisContract {
  static final String SCRIPT =
      "redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])"
          + " return redis.call('XADD', KEYS[2], '9-1', 'of', ARGV[2])";

  private final List<RedisConnection> opened = new ArrayList<>();
  private RedisConnection one;
  private RedisConnection other;

  abstract RedisConnection open();

  /** Fills the server up to its {@code maxmemory}, or frees memory. */
  abstract void full(boolean now);

  @BeforeEach
  void connect() {
    one = another();
    other = another();
    assertThat(in(one, "FLUSHALL")).isEqualTo("OK");
  }

  private RedisConnection another() {
    RedisConnection connection = open();
    opened.add(connection);
    return connection;
  }

  @AfterEach
  void disconnect() {
    full(false);
    opened.forEach(RedisConnection::close);
  }

  @Test
  void repliesInOrderLongAfterTheCommandsWereSent() {
    one.send(List.of(Command.of("PING"), Command.of("INCR", "n")));
    one.send(List.of(Command.of("INCR", "n")));

    assertThat(one.receive(1, Duration.ZERO)).map(Rendering::reply).containsExactly("PONG");
    assertThat(one.receive(2, Duration.ZERO)).map(Rendering::reply).containsExactly("#1", "#2");
  }

  @Test
  void goesOnAfterAnErrorInAPipeline() {
    List<String> replies =
        one
            .pipeline(
                List.of(
                    Command.of("SET", "k", "v"),
                    Command.of("XADD", "k", "*", "f", "v"),
                    Command.of("GET", "k")))
            .stream()
            .map(Rendering::reply)
            .toList();

    assertThat(replies)
        .containsExactly(
            "OK", "(WRONGTYPE Operation against a key holding the wrong kind of value)", "v");
  }

  @Test
  void keepsEveryByte() {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }

    one.call(Command.of("SET").add(bytes).add(bytes));

    assertThat(one.call(Command.of("GET").add(bytes))).isEqualTo(bytes);
  }

  @Test
  void scansForStreamsByPattern() {
    in(one, "XADD s:a 1-1 f a");
    in(one, "XADD s:b 1-1 f a");
    in(one, "XADD t:a 1-1 f a");
    in(one, "SET s:c v");

    assertThat(in(one, "SCAN 0 MATCH s:a* COUNT 1000 TYPE stream")).isEqualTo("[0 [s:a]]");
    assertThat(in(one, "SCAN 0 MATCH s:* COUNT 1000 TYPE string")).isEqualTo("[0 [s:c]]");
    assertThat(in(one, "SCAN 0 MATCH u:* COUNT 1000 TYPE stream")).isEqualTo("[0 []]");
  }

  @Test
  void createsNoStreamForAGroupUnlessAsked() {
    assertThat(in(one, "XGROUP CREATE s g 0")).contains("requires the key to exist");
    assertThat(in(one, "XGROUP SETID s g 0")).contains("requires the key to exist");
    assertThat(in(one, "EXISTS s")).isEqualTo("#0");
  }

  @Test
  void returnsPendingEntriesAndMarksTrimmedOnes() {
    in(one, "XADD s 1-1 f a");
    in(one, "XADD s 1-2 f b");
    in(one, "XGROUP CREATE s g 0");
    assertThat(in(one, "XREADGROUP GROUP g c STREAMS s >"))
        .isEqualTo("[[s [[1-1 [f a]] [1-2 [f b]]]]]");
    in(one, "XTRIM s MAXLEN 1");

    assertThat(in(one, "XREADGROUP GROUP g c STREAMS s 0"))
        .isEqualTo("[[s [[1-1 nil] [1-2 [f b]]]]]");
    assertThat(in(one, "XACK s g 1-1 1-2 1-3")).isEqualTo("#2");
    assertThat(in(one, "XREADGROUP GROUP g c STREAMS s 0")).isEqualTo("[[s []]]");
    assertThat(in(one, "XREADGROUP GROUP g c STREAMS s >")).isEqualTo("nil");
  }

  @Test
  void returnsFromAReadThatMayBlock() {
    in(one, "XGROUP CREATE s g $ MKSTREAM");

    assertThat(in(one, "XREADGROUP GROUP g c BLOCK 1 STREAMS s >")).isEqualTo("nil");
    assertThat(in(one, "XREAD BLOCK 1 STREAMS s $")).isEqualTo("nil");
  }

  @Test
  void handsPendingEntriesToAnotherConsumer() {
    in(one, "XADD s 1-1 f a");
    in(one, "XADD s 1-2 f b");
    in(one, "XGROUP CREATE s g 0");
    in(one, "XREADGROUP GROUP g dead STREAMS s >");
    in(one, "XDEL s 1-1");

    assertThat(in(one, "XAUTOCLAIM s g alive 0 0")).isEqualTo("[0-0 [[1-2 [f b]]] [1-1]]");
    assertThat(in(one, "XPENDING s g")).isEqualTo("[#1 1-2 1-2 [[alive 1]]]");
  }

  @Test
  void namesWhatIsMissingOrThereAlready() {
    in(one, "XGROUP CREATE s g $ MKSTREAM");

    assertThat(in(one, "XGROUP CREATE s g $ MKSTREAM"))
        .isEqualTo("(BUSYGROUP Consumer Group name already exists)");
    assertThat(in(one, "XREADGROUP GROUP x c STREAMS s >"))
        .isEqualTo(
            "(NOGROUP No such key 's' or consumer group 'x' in XREADGROUP with GROUP option)");
    assertThat(in(one, "XPENDING s x"))
        .isEqualTo("(NOGROUP No such key 's' or consumer group 'x')");
    assertThat(in(one, "XINFO CONSUMERS s x"))
        .isEqualTo("(NOGROUP No such consumer group 'x' for key name 's')");
    assertThat(in(one, "XINFO GROUPS none")).isEqualTo("(ERR no such key)");
  }

  @Test
  void executesATransactionInOnePiece() {
    assertThat(in(one, "MULTI")).isEqualTo("OK");
    assertThat(in(one, "INCR n")).isEqualTo("QUEUED");
    assertThat(in(other, "GET n")).isEqualTo("nil");
    assertThat(in(one, "XADD n 1-1 f v")).isEqualTo("QUEUED");
    assertThat(in(one, "INCR n")).isEqualTo("QUEUED");

    assertThat(in(one, "EXEC"))
        .isEqualTo("[#1 (WRONGTYPE Operation against a key holding the wrong kind of value) #2]");
  }

  @Test
  void executesNothingAfterAnErrorWhileQueueing() {
    in(one, "MULTI");
    in(one, "INCR n");
    assertThat(in(one, "INCR")).isEqualTo("(ERR wrong number of arguments for 'incr' command)");

    assertThat(in(one, "EXEC"))
        .isEqualTo("(EXECABORT Transaction discarded because of previous errors.)");
    assertThat(in(one, "GET n")).isEqualTo("nil");
  }

  @Test
  void executesNothingIfAWatchedKeyChanged() {
    in(one, "WATCH n s");
    in(other, "XADD s 1-1 f v");
    in(one, "MULTI");
    in(one, "INCR n");

    assertThat(in(one, "EXEC")).isEqualTo("nil");
    assertThat(in(one, "GET n")).isEqualTo("nil");
    assertThat(in(one, "MULTI")).isEqualTo("OK");
    assertThat(in(one, "INCR n")).isEqualTo("QUEUED");
    assertThat(in(one, "EXEC")).as("watches end with EXEC").isEqualTo("[#1]");
  }

  @Test
  void doesNotCountReadingAndAcknowledgingAsAChangeOfTheStream() {
    in(one, "XADD s 1-1 f v");
    in(one, "XGROUP CREATE s g 0");
    in(one, "WATCH s");
    in(other, "XREADGROUP GROUP g c STREAMS s >");
    in(other, "XACK s g 1-1");
    in(one, "MULTI");

    assertThat(in(one, "EXEC")).isEqualTo("[]");
  }

  @Test
  void countsFlushingAsAChange() {
    in(one, "SET n 1");
    in(one, "WATCH n");
    in(other, "FLUSHALL");
    in(one, "MULTI");

    assertThat(in(one, "EXEC")).isEqualTo("nil");
  }

  @Test
  void runsAScriptByItsTextOrItsHash() {
    in(one, "XADD s 1-1 f v");
    in(one, "XGROUP CREATE s g 0");
    in(one, "XREADGROUP GROUP g c STREAMS s >");
    String sha = answer(one, Command.of("SCRIPT", "LOAD", SCRIPT));

    assertThat(in(one, "EVALSHA " + sha + " 2 s t g 1-1")).isEqualTo("9-1");
    assertThat(in(one, "XPENDING s g")).isEqualTo("[#0 nil nil nil]");
    assertThat(in(one, "XRANGE t - +")).isEqualTo("[[9-1 [of 1-1]]]");
    assertThat(answer(one, Command.of("EVAL", SCRIPT, 2, "s", "t", "g", "1-1")))
        .startsWith("(ERR The ID specified in XADD is equal or smaller than the target stream")
        .contains(sha);
    assertThat(in(one, "EVALSHA " + "0".repeat(40) + " 0"))
        .isEqualTo("(NOSCRIPT No matching script. Please use EVAL.)");
    assertThat(in(one, "SCRIPT EXISTS " + sha + " " + "0".repeat(40))).isEqualTo("[#1 #0]");
  }

  @Test
  void readsAndAcknowledgesWhenFullButInNoTransaction() {
    in(one, "XADD s 1-1 f a");
    in(one, "XADD s 1-2 f b");
    in(one, "XGROUP CREATE s g 0");
    full(true);

    assertThat(in(one, "XADD s * f v")).startsWith("(OOM ");
    assertThat(in(one, "SET n 1")).startsWith("(OOM ");
    assertThat(in(one, "XGROUP CREATE s h 0")).startsWith("(OOM ");
    assertThat(in(one, "XREADGROUP GROUP g c COUNT 1 STREAMS s >"))
        .isEqualTo("[[s [[1-1 [f a]]]]]");
    assertThat(in(one, "XACK s g 1-1")).isEqualTo("#1");
    assertThat(in(one, "WATCH n")).isEqualTo("OK");
    assertThat(in(one, "MULTI")).isEqualTo("OK");
    assertThat(in(one, "XREADGROUP GROUP g c COUNT 1 STREAMS s >")).startsWith("(OOM ");
    assertThat(in(one, "XINFO GROUPS s")).startsWith("(OOM ");
    assertThat(in(one, "EXEC"))
        .isEqualTo("(EXECABORT Transaction discarded because of previous errors.)");
    assertThat(in(one, "GET n")).isEqualTo("nil");
  }

  @Test
  void refusesATransactionThatWasQueuedBeforeItWasFull() {
    in(one, "MULTI");
    in(one, "SET n 1");
    full(true);

    assertThat(in(one, "EXEC")).startsWith("(EXECABORT ").contains("OOM");
    assertThat(in(one, "GET n")).isEqualTo("nil");
  }

  @Test
  void runsTheGuardedScriptWhenFull() {
    in(one, "XADD s 1-1 f a");
    in(one, "XADD s 1-2 f b");
    in(one, "XGROUP CREATE s g 0");
    in(one, "SET owner 7");
    in(one, "XREADGROUP GROUP g c COUNT 1 STREAMS s >");
    in(one, "XTRIM s MAXLEN 1");
    full(true);

    assertThat(
            guarded(
                List.of(new Watched("owner", "7"), new Watched("none", null)),
                "XACK s g 1-2",
                "XREADGROUP GROUP g c COUNT 1 STREAMS s >",
                "XREADGROUP GROUP g c COUNT 1 STREAMS s >",
                "XREADGROUP GROUP g c COUNT 1 STREAMS s 0",
                "XREADGROUP GROUP h c COUNT 1 STREAMS s >",
                "SET owner 8",
                "XGROUP CREATE s g 0",
                "XGROUP CREATE s h 0"))
        .isEqualTo(
            "[#0 [[s [[1-2 [f b]]]]] nil [[s [[1-1 nil]]]]"
                + " (NOGROUP No such key 's' or consumer group 'h' in XREADGROUP with GROUP option)"
                + " OK (BUSYGROUP Consumer Group name already exists) OK]");
    assertThat(in(one, "GET owner")).isEqualTo("8");
  }

  @Test
  void trimsAcknowledgedEntriesWhenFull() {
    for (int i = 1; i <= 350; i++) {
      in(one, "XADD s 1-" + i + " f v");
    }
    in(one, "XGROUP CREATE s g 0");
    in(one, "XREADGROUP GROUP g c COUNT 250 STREAMS s >");
    for (int i = 1; i <= 250; i++) {
      in(one, "XACK s g 1-" + i);
    }
    Retention retention =
        Retention.ofReader("g", OptionalLong.of(1), Optional.empty(), Instant::now);
    full(true);

    assertThat(retention.removed("s", one.pipeline(retention.trims("s")))).hasValue(200);
    assertThat(retention.removed("s", one.pipeline(retention.trims("s")))).hasValue(0);
    assertThat(in(one, "XRANGE s - + COUNT 1")).isEqualTo("[[1-201 [f v]]]");
  }

  @Test
  void runsNothingOfTheGuardedScriptIfAKeyHoldsSomethingElse() {
    in(one, "SET owner 7");

    assertThat(guarded(List.of(new Watched("owner", "6")), "SET owner 8")).isEqualTo("nil");
    assertThat(guarded(List.of(new Watched("owner", null)), "SET owner 8")).isEqualTo("nil");
    assertThat(guarded(List.of(new Watched("none", "")), "SET owner 8")).isEqualTo("nil");
    assertThat(in(one, "GET owner")).isEqualTo("7");
  }

  @Test
  void refusesTheFirstWriteOfAScriptWhenFullIfItNeedsMemory() {
    full(true);

    assertThat(guarded(List.of(), "SET n 1", "XACK s g 1-1", "SET n 2"))
        .startsWith("[(OOM ")
        .endsWith(" #0 OK]");
  }

  private String guarded(List<Watched> watched, String... lines) {
    return answer(
        one,
        GuardedScript.call(watched, "s", Stream.of(lines).map(RedisContract::command).toList()));
  }

  private static Command command(String line) {
    String[] words = line.split(" ", -1);
    return Command.of(words[0]).addAll(List.of(words).subList(1, words.length));
  }

  private static String in(RedisConnection connection, String line) {
    return answer(connection, command(line));
  }

  private static String answer(RedisConnection connection, Command command) {
    return Rendering.reply(connection.pipeline(List.of(command)).get(0));
  }
}
