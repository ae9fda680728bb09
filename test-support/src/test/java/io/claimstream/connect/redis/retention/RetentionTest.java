/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.server.RedisServer;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The entries that a real server keeps and trims in a stream with limits. */
class RetentionTest {
  private static final String STREAM = "claims:analytics";

  /** What a node of the server's tree holds: limits are about that exact. */
  private static final int NODE = 100;

  private static RedisServer redis;
  private static RedisConnection connection;

  @BeforeAll
  static void start() {
    redis = RedisServer.start();
    connection = redis.connect();
  }

  @AfterAll
  static void stop() {
    connection.close();
    redis.close();
  }

  @BeforeEach
  void clear() {
    call("FLUSHALL");
    call("SCRIPT", "FLUSH");
  }

  @Test
  void streamWithoutGroupsKeepsItsLength() {
    add(1_000);

    trim(length(200));

    assertThat(length()).isBetween(200, 200 + NODE);
  }

  @Test
  void whatAGroupHasNotReadStays() {
    call("XGROUP", "CREATE", STREAM, "slow", "0", "MKSTREAM");
    add(1_000);

    trim(length(200));

    assertThat(length()).isEqualTo(1_000);
  }

  @Test
  void whatAGroupHasNotAcknowledgedStaysUntilItHas() {
    List<EntryId> ids = add(1_000);
    group("slow");
    read("slow", 1_000);
    acknowledge("slow", ids.subList(0, 500));

    trim(length(200));
    assertThat(ids()).containsAll(ids.subList(500, 1_000)).hasSizeLessThanOrEqualTo(500 + NODE);

    acknowledge("slow", ids.subList(500, 1_000));
    trim(length(200));
    assertThat(length()).isBetween(200, 200 + NODE);
  }

  @Test
  void slowestGroupCounts() {
    List<EntryId> ids = add(1_000);
    for (String group : List.of("a", "b", "c")) {
      group(group);
      read(group, group.equals("b") ? 300 : 1_000);
      acknowledge(group, ids);
    }

    trim(length(200));

    assertThat(ids()).containsAll(ids.subList(300, 1_000)).hasSizeLessThanOrEqualTo(700 + NODE);
  }

  @Test
  void anyDropsWhatNoGroupHasRead() {
    group("slow");
    add(1_000);

    trim(new Retention(OptionalLong.of(200), Optional.empty(), Trim.ANY, Instant::now));

    assertThat(length()).isBetween(200, 200 + NODE);
  }

  @Test
  void oldEntriesGoOnceEachGroupHasThem() {
    List<EntryId> ids = add(1_000);
    group("slow");
    read("slow", 600);
    acknowledge("slow", ids.subList(0, 600));
    Retention hour = age(Duration.ofHours(1));

    trim(hour);
    assertThat(ids()).containsAll(ids.subList(600, 1_000)).hasSizeLessThanOrEqualTo(400 + NODE);

    read("slow", 400);
    acknowledge("slow", ids.subList(600, 1_000));
    trim(hour);
    assertThat(length()).isLessThanOrEqualTo(NODE);
  }

  @Test
  void youngEntriesStayThoughEachGroupHasThem() {
    List<EntryId> ids = add(1_000);
    group("fast");
    read("fast", 1_000);
    acknowledge("fast", ids);

    trim(age(Duration.ofDays(2)));

    assertThat(length()).isEqualTo(1_000);
  }

  @Test
  void idsOfSixtyFourBitsAreComparedExactly() {
    String ms = "9007199254740993"; // one more than a Lua number can represent exactly
    for (int i = 0; i < 300; i++) {
      call("XADD", STREAM, ms + "-" + (9007199254740990L + i), "n", i);
    }
    group("slow");
    read("slow", 205);
    List<EntryId> ids = ids();
    acknowledge("slow", ids.subList(0, 201));

    trim(length(1));

    assertThat(ids()).isEqualTo(ids.subList(200, 300));
  }

  @Test
  void noStreamIsTrimmedByATimeToLive() {
    add(300);

    trim(
        new Retention(
            OptionalLong.of(10), Optional.of(Duration.ofMillis(1)), Trim.ANY, tomorrow()));

    assertThat(call("PTTL", STREAM)).isEqualTo(-1L);
  }

  @Test
  void serverThatForgotTheScriptTrimsAgainWithTheWriteAfterNext() {
    Retention retention = length(200);
    add(1_000);
    trim(retention);
    call("SCRIPT", "FLUSH");
    add(1_000);

    trim(retention);
    trim(retention);

    assertThat(length()).isBetween(200, 200 + NODE);
  }

  @Test
  void groupThatKeepsTheStreamTooLongIsNamedOnce() {
    List<EntryId> ids = add(3_000);
    group("slow");
    Retention retention = length(200);

    String log = logOf(() -> trim(retention), () -> trim(retention));
    assertThat(log)
        .containsOnlyOnce("WARN")
        .contains(STREAM, "group slow", "redis.stream.max.length", "redis.stream.trim=any");

    read("slow", 3_000);
    acknowledge("slow", ids);
    assertThat(logOf(() -> trim(retention), () -> trim(retention)))
        .containsOnlyOnce("INFO")
        .contains("within its limits again");
  }

  @Test
  void groupThatKeepsEntriesTooOldIsNamed() {
    List<EntryId> ids = add(3);
    group("slow");
    Retention retention = age(Duration.ofHours(1));
    assertThat(logOf(() -> trim(retention))).contains("WARN", "group slow");

    read("slow", 3);
    assertThat(logOf(() -> trim(retention))).as("pending, reported already").isEmpty();

    acknowledge("slow", ids);
    assertThat(logOf(() -> trim(retention))).contains("within its limits again");
  }

  @Test
  void streamThatIsNotThereIsNotMade() {
    trim(
        new Retention(OptionalLong.of(1), Optional.of(Duration.ofMillis(1)), Trim.ANY, tomorrow()));

    assertThat(call("EXISTS", STREAM)).isEqualTo(0L);
  }

  @Test
  void missingRightToLookAtGroupsIsNamed() {
    add(10);
    call("ACL", "SETUSER", "default", "-xinfo");
    try {
      assertThatThrownBy(() -> trim(length(5)))
          .isInstanceOf(RedisConfigurationException.class)
          .hasMessageContaining("trimming " + STREAM);
    } finally {
      call("ACL", "SETUSER", "default", "+xinfo");
    }
  }

  @Test
  void readersGroupThatIsMissingKeepsEverything() {
    List<EntryId> ids = add(1_000);
    group("other");
    read("other", 1_000);
    acknowledge("other", ids);
    Retention retention = reader("claims-processors", 200);

    assertThat(removed(retention)).as("lost, or not created yet").hasValue(0);
    assertThat(length()).isEqualTo(1_000);

    group("claims-processors");
    assertThat(removed(retention)).as("unread").hasValue(0);

    read("claims-processors", 1_000);
    acknowledge("claims-processors", ids);
    assertThat(removed(retention)).hasValue(800);
    assertThat(length()).isEqualTo(200);
  }

  @Test
  void readerTrimsNothingThatAnotherGroupNeeds() {
    List<EntryId> ids = add(1_000);
    for (String group : List.of("claims-processors", "slow")) {
      group(group);
      read(group, group.equals("slow") ? 300 : 1_000);
      acknowledge(group, ids);
    }

    assertThat(removed(reader("claims-processors", 1))).hasValue(200);
    assertThat(ids()).isEqualTo(ids.subList(200, 1_000));
  }

  @Test
  void serverThatForgotTheScriptSaysThatNothingWasTrimmed() {
    add(10);
    group("g");
    Retention retention = reader("g", 1);
    assertThat(removed(retention)).hasValue(0);
    call("SCRIPT", "FLUSH");

    assertThat(removed(retention)).isEmpty();
    assertThat(removed(retention)).hasValue(0);
  }

  @Test
  void readersOwnLagIsNotReportedAndAnotherGroupsAtMostOnceAMinute() {
    List<EntryId> ids = add(3_000);
    group("own");
    FakeClock clock = new FakeClock(Instant.now());
    Retention retention = Retention.ofReader("own", OptionalLong.of(200), Optional.empty(), clock);
    assertThat(logOf(() -> trim(retention))).isEmpty();
    read("own", 3_000);
    acknowledge("own", ids);
    group("slow");

    String log = logOf(() -> trim(retention), () -> trim(retention));
    assertThat(log)
        .containsOnlyOnce("WARN")
        .contains(STREAM, "group slow", "redis.stream.max.length")
        .doesNotContain("redis.stream.trim");

    read("slow", 3_000);
    acknowledge("slow", ids);
    assertThat(logOf(() -> trim(retention))).contains("within its limits again");
    List<EntryId> more = add(3_000);
    read("own", 3_000);
    acknowledge("own", more);
    assertThat(logOf(() -> trim(retention))).isEmpty();
    clock.advance(Duration.ofMinutes(1));
    assertThat(logOf(() -> trim(retention))).contains("WARN", "group slow");
  }

  @Test
  void lagOfEachGroupStaysRightWhenAcknowledgedEntriesAreTrimmed() {
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("RetentionTest, lag: -Dtest.seed=" + seed);
    Random random = new Random(seed);
    Retention retention = reader("g0", 1);
    call("XGROUP", "CREATE", STREAM, "g0", "0", "MKSTREAM");
    int groups = 1;
    long removed = 0;
    for (int step = 0; step < 400; step++) {
      String group = "g" + random.nextInt(groups);
      switch (random.nextInt(5)) {
        case 0 -> add(random.nextInt(120));
        case 1, 2 -> {
          read(group, 1 + random.nextInt(150));
          acknowledge(group, pending(group, 300));
        }
        case 3 -> removed += removed(retention).orElse(0);
        default -> {
          List<EntryId> there = ids();
          if (groups < 4 && !there.isEmpty() && random.nextInt(4) == 0) {
            Object start =
                switch (random.nextInt(3)) {
                  case 0 -> "0";
                  case 1 -> "$";
                  default -> there.get(random.nextInt(there.size()));
                };
            call("XGROUP", "CREATE", STREAM, "g" + groups, start);
            groups++;
          }
        }
      }
      for (Object row : Replies.list(call("XINFO", "GROUPS", STREAM))) {
        Map<String, @Nullable Object> info = Replies.map(row);
        EntryId last = EntryId.parse(String.valueOf(Replies.text(info.get("last-delivered-id"))));
        long unread = ids().stream().filter(id -> id.isAfter(last)).count();
        assertThat(info.get("lag"))
            .as("seed %d, step %d, group %s", seed, step, Replies.text(info.get("name")))
            .isIn(unread, null);
      }
    }
    assertThat(removed).as("seed %d", seed).isPositive();
  }

  @Test
  void whateverGroupsDoNothingThatTheyNeedIsDropped() {
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("RetentionTest: -Dtest.seed=" + seed);
    Random random = new Random(seed);
    Retention retention =
        new Retention(
            OptionalLong.of(150), Optional.of(Duration.ofHours(1)), Trim.ACKNOWLEDGED, tomorrow());
    Map<String, Set<EntryId>> needed = new HashMap<>();
    for (int step = 0; step < 400; step++) {
      String group = "g" + random.nextInt(3);
      switch (random.nextInt(6)) {
        case 0, 1 -> {
          List<EntryId> ids = add(random.nextInt(60));
          needed.values().forEach(set -> set.addAll(ids));
        }
        case 2 -> {
          if (!needed.containsKey(group)) {
            needed.put(group, group(group));
          } else if (random.nextInt(10) == 0) {
            call("XGROUP", "DESTROY", STREAM, group);
            needed.remove(group);
          }
        }
        case 3 -> {
          if (needed.containsKey(group)) {
            read(group, 1 + random.nextInt(100));
          }
        }
        case 4 -> {
          if (needed.containsKey(group)) {
            List<EntryId> done = new ArrayList<>(pending(group, 100));
            done.removeIf(id -> random.nextInt(8) == 0);
            acknowledge(group, done);
            needed.get(group).removeAll(new HashSet<>(done));
          }
        }
        default -> trim(retention);
      }
      if (step % 5 == 0) {
        Set<EntryId> there = new HashSet<>(ids());
        needed.forEach((g, ids) -> assertThat(there).as("seed %d, %s", seed, g).containsAll(ids));
      }
    }
  }

  /** Creates the group at the first existing entry, and returns the id that it needs. */
  private static Set<EntryId> group(String name) {
    call("XGROUP", "CREATE", STREAM, name, "0", "MKSTREAM");
    return new HashSet<>(ids());
  }

  private static Retention length(long entries) {
    return new Retention(
        OptionalLong.of(entries), Optional.empty(), Trim.ACKNOWLEDGED, Instant::now);
  }

  /** A clock that makes all entries a day old. */
  private static Retention age(Duration age) {
    return new Retention(OptionalLong.empty(), Optional.of(age), Trim.ACKNOWLEDGED, tomorrow());
  }

  private static FakeClock tomorrow() {
    return new FakeClock(Instant.now().plus(Duration.ofDays(1)));
  }

  private static Retention reader(String group, long entries) {
    return Retention.ofReader(group, OptionalLong.of(entries), Optional.empty(), Instant::now);
  }

  private static OptionalLong removed(Retention retention) {
    return retention.removed(STREAM, connection.pipeline(retention.trims(STREAM)));
  }

  private static void trim(Retention retention) {
    retention.check(STREAM, connection.pipeline(retention.trims(STREAM)));
  }

  private static String logOf(Runnable... actions) {
    PrintStream before = System.err;
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      for (Runnable action : actions) {
        action.run();
      }
    } finally {
      System.setErr(before);
    }
    return written.toString(StandardCharsets.UTF_8);
  }

  private static List<EntryId> add(int count) {
    List<Command> commands = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      commands.add(Command.of("XADD", STREAM, "*", "n", i));
    }
    return count == 0
        ? List.of()
        : connection.pipeline(commands).stream().map(Replies::id).toList();
  }

  private static void read(String group, int count) {
    call("XREADGROUP", "GROUP", group, "c", "COUNT", count, "STREAMS", STREAM, ">");
  }

  private static void acknowledge(String group, List<EntryId> ids) {
    if (!ids.isEmpty()) {
      connection.call(Command.of("XACK", STREAM, group).addAll(ids));
    }
  }

  private static List<EntryId> pending(String group, int count) {
    return Replies.list(call("XPENDING", STREAM, group, "-", "+", count)).stream()
        .map(row -> Replies.id(Replies.list(row).get(0)))
        .toList();
  }

  private static List<EntryId> ids() {
    return Replies.entries(call("XRANGE", STREAM, "-", "+")).stream().map(StreamEntry::id).toList();
  }

  private static int length() {
    return ids().size();
  }

  private static @Nullable Object call(String name, Object... arguments) {
    return connection.call(Command.of(name, arguments));
  }
}
