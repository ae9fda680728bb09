/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The lane logic against a Redis in memory, through random crashes, lost replies, refusals, lost
 * groups, zombies, restarts and times without memory, and through what other tasks, programs and
 * operators do between two commands of a task: whatever happens, no entry is lost and nothing stays
 * pending. With exactly-once support each entry is committed once, too, and in order with one lane.
 * Half of the connectors trim their streams: nothing leaves a stream before it is in Kafka and
 * another group has acknowledged it. With exactly-once support, half of the connectors define the
 * boundaries of their transactions.
 */
class LaneSimulationTest {
  private static final int RUNS = Integer.getInteger("simulation.runs", 30);
  private static final List<Fault> FAULTS =
      List.of(
          Fault.Break.BEFORE_EXECUTION,
          Fault.Break.AFTER_EXECUTION,
          new Fault.Late(4),
          new Fault.Late(40),
          new Fault.Refusal("READONLY You can't write against a read only replica."),
          new Fault.Refusal("LOADING Redis is loading the dataset in memory"),
          new Fault.Refusal("OOM command not allowed when used memory > 'maxmemory'."));

  private static final List<String> STREAMS = List.of("claims:a", "claims:b");
  private static final String GROUP = "claims-processors";

  /** Another group on the streams, which reads and acknowledges now and then. */
  private static final String REPORTS = "reports";

  /** How often, in a run, somebody else acts before a command of a task. */
  private static final List<Double> BETWEEN = List.of(0.005, 0.02, 0.1);

  /** A task that reads sends these again and again; any other looks at what it is to do next. */
  private static final Set<String> READING = Set.of("XREAD", "MULTI", "WATCH", "GET", "XACK");

  /** Who acts between two commands of a task. */
  private enum Others {
    NOBODY,
    TASKS,
    ANYBODY
  }

  /** What else happens, besides crashes, zombies and faults. */
  private enum Kind {
    ONE_LANE(true, false, true, false, false),
    SCALED_LANES(true, true, false, false, false),
    /** With several lanes a lost group may cost duplicates, never an entry. */
    SCALED_LANES_LOSING_GROUPS(true, true, true, false, false),
    WITHOUT_EXACTLY_ONCE(false, true, true, false, false),
    /** And some records are dropped by a filter, so that Connect's offset stays before them. */
    FOREIGN_CONSUMERS(true, false, false, true, false),
    FOREIGN_CONSUMERS_WITHOUT_EXACTLY_ONCE(false, false, false, true, false),
    /** Redis comes back with what it held earlier, and may hand out ids again. */
    ONE_LANE_FORGETTING(true, false, true, false, true),
    SCALED_LANES_FORGETTING(true, true, true, false, true),
    WITHOUT_EXACTLY_ONCE_FORGETTING(false, true, true, false, true),
    /** What Redis forgets is acknowledgements and who has taken what over. */
    FOREIGN_CONSUMERS_FORGETTING(true, false, false, true, true),
    /** What Kafka forgets is the last transaction of each task, after it has confirmed it. */
    ONE_LANE_AND_A_FORGETFUL_KAFKA(true, false, true, false, false),
    SCALED_LANES_AND_A_FORGETFUL_KAFKA(true, true, false, false, false);

    private final boolean exactlyOnce;
    private final boolean scales;
    private final boolean losesGroups;
    private final boolean foreignConsumers;
    private final boolean forgets;

    Kind(
        boolean exactlyOnce,
        boolean scales,
        boolean losesGroups,
        boolean foreignConsumers,
        boolean forgets) {
      this.exactlyOnce = exactlyOnce;
      this.scales = scales;
      this.losesGroups = losesGroups;
      this.foreignConsumers = foreignConsumers;
      this.forgets = forgets;
    }

    /**
     * Without what is a limit there: streams that are trimmed, a Redis that is full, a worker that
     * was replaced and still runs, and commands that Redis executes after the connection was lost.
     */
    private boolean isKafkaForgetful() {
      return name().endsWith("FORGETFUL_KAFKA");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void nothingIsLostNorStaysPendingWhateverFails(Kind kind) {
    Long only = Long.getLong("test.seed");
    long first = only == null ? System.nanoTime() : only;
    int runs = only == null ? RUNS : 1;
    Counts counts = new Counts();
    for (int i = 0; i < runs; i++) {
      new Run(first + i, kind, counts).go();
    }
    System.out.printf("simulated %s: %d runs, %s, test.seed=%d%n", kind, runs, counts, first);
    if (runs >= 20 && kind.isKafkaForgetful()) {
      assertThat(counts.lostByKafka).as("lost by Kafka, from seed %d", first).isPositive();
    } else if (runs >= 20) {
      assertThat(counts.trimmed).as("entries trimmed, from seed %d", first).isPositive();
    }
  }

  /** What happened in all runs of a kind. */
  private static final class Counts {
    private int entries;
    private int crashes;
    private int stops;
    private int zombies;
    private int faults;
    private int between;
    private int lostGroups;
    private int setBack;
    private int duplicates;
    private int forgot;
    private int vanished;
    private int idsAgain;
    private int unknowable;
    private int full;
    private int lostByKafka;
    private int trimmed;

    @Override
    public String toString() {
      return ("%d entries, %d crashes, %d stops, %d zombies, %d faults, others acted"
              + " between two commands %d times, %d groups lost and %d set"
              + " back, Redis forgot %d times: %d entries vanished, %d ids were handed out again (%d"
              + " before a new task could know), %d times full, %d trimmed, Kafka lost %d records, %d duplicates")
          .formatted(
              entries,
              crashes,
              stops,
              zombies,
              faults,
              between,
              lostGroups,
              setBack,
              forgot,
              vanished,
              idsAgain,
              unknowable,
              full,
              trimmed,
              lostByKafka,
              duplicates);
    }
  }

  /** One life of a connector. */
  private static final class Run {
    private final long seed;
    private final Random random;
    private final Kind kind;
    private final Counts counts;
    private final FakeClock clock = new FakeClock(Instant.parse("2024-08-20T10:30:00Z"));
    private final FakeRedis redis = new FakeRedis(clock);
    private final SimulatedConnect connect;
    private final List<String> added = new ArrayList<>();
    private final Map<String, EntryId> ids = new HashMap<>();
    private final Map<String, EntryId> startedAt = new HashMap<>();
    private final Set<String> handedOut = new HashSet<>();
    private final Set<String> unknowable = new HashSet<>();
    private final Set<String> processedElsewhere = new HashSet<>();
    private final List<SimulatedTask> zombies = new ArrayList<>();
    private List<SimulatedTask> tasks = List.of();
    private boolean lostGroup;
    private boolean setBackUnnoticed;
    private boolean clockBehind;
    private FakeRedis.@Nullable Snapshot earlier;
    private String positionsEarlier = "";
    private int lanes = 1;
    private List<String> addedEarly = List.of();
    private Others others = Others.NOBODY;
    private final double between;
    private final boolean trims;
    private final Set<String> reported = new HashSet<>();
    private List<String> heldBefore = List.of();
    private int depth;

    Run(long seed, Kind kind, Counts counts) {
      this.seed = seed;
      this.random = new Random(seed);
      this.kind = kind;
      this.counts = counts;
      this.between = BETWEEN.get(random.nextInt(BETWEEN.size()));
      this.trims = !kind.isKafkaForgetful() && random.nextBoolean();
      this.connect = new SimulatedConnect(redis, clock, kind.exactlyOnce);
      connect.tellsAtOnce(kind.isKafkaForgetful());
      connect.boundariesByConnector(random.nextBoolean());
      connect.drop(sent -> isDropped(String.valueOf(sent.sourceOffset().get("id"))));
    }

    private boolean isDropped(String entry) {
      return kind.foreignConsumers && entry.endsWith("1");
    }

    void go() {
      if (trims) {
        redis.entriesPerNode(1 + random.nextInt(4));
        STREAMS.forEach(s -> redis.call("XGROUP", "CREATE", s, REPORTS, "0", "MKSTREAM"));
      }
      add(random.nextInt(20));
      restart();
      redis.faults(faults());
      redis.between(this::letOthersActBefore);
      others = Others.ANYBODY;
      int steps = 100 + random.nextInt(200);
      for (int i = 0; i < steps; i++) {
        step();
        if (trims) {
          report();
          checkTrimmed();
        }
      }
      settle();
      checkTrimmed();
      verify();
    }

    /**
     * Redis never refuses MULTI: it needs no memory, writes nothing and is allowed while loading.
     */
    private FaultPlan faults() {
      FaultPlan any = FaultPlan.random(random.nextLong(), 0.03, FAULTS);
      return command -> {
        Fault fault = any.next(command);
        boolean isRefusedMulti = fault instanceof Fault.Refusal && command.name().equals("MULTI");
        if (fault == null
            || isRefusedMulti
            || (kind.isKafkaForgetful() && isLimit(fault, command))) {
          return null;
        }
        counts.faults++;
        return fault;
      };
    }

    private boolean mayHaunt() {
      return (kind.exactlyOnce || !kind.forgets) && !kind.isKafkaForgetful();
    }

    private static boolean isLimit(Fault fault, Command command) {
      boolean storesCommit =
          command.name().equals("SET") && command.toString().contains(":commit:");
      return fault instanceof Fault.Late || (fault instanceof Fault.Refusal && storesCommit);
    }

    private void step() {
      SimulatedTask task = tasks.get(random.nextInt(tasks.size()));
      if (task.hasFailed()) {
        restart();
        return;
      }
      switch (random.nextInt(kind.forgets ? 24 : 22)) {
        case 0, 1, 2, 3 -> add(1 + random.nextInt(5));
        case 4, 5, 6, 7, 8, 9 -> task.poll();
        case 10, 11, 12 -> task.commit();
        case 13 -> task.pause(random.nextInt(4));
        case 14, 15 -> task.tell();
        case 16 -> task.flush();
        case 17 -> {
          counts.crashes++;
          if (kind.isKafkaForgetful()) {
            loseLastTransactions();
          }
          restart();
        }
        case 18 -> {
          counts.stops++;
          List.copyOf(tasks).forEach(SimulatedTask::stop);
          restart();
        }
        case 19 -> {
          if (mayHaunt()) {
            counts.zombies++;
            zombies.addAll(tasks);
          }
          restart();
        }
        case 20 -> List.copyOf(zombies).forEach(this::haunt);
        case 22 -> remember();
        case 23 -> forget();
        default -> loseSomething();
      }
      if (others == Others.TASKS) {
        connectAgain();
      }
    }

    /** What happens before a command of a task, and before one of whoever acts there. */
    private void letOthersActBefore(Command command) {
      double often = READING.contains(command.name()) ? between : 3 * between;
      if (others == Others.NOBODY || depth == 2 || random.nextDouble() >= often) {
        return;
      }
      counts.between++;
      depth++;
      try {
        actBetween();
      } finally {
        depth--;
      }
    }

    private void actBetween() {
      SimulatedTask other = tasks.get(random.nextInt(tasks.size()));
      switch (random.nextInt(others == Others.TASKS ? 6 : 12)) {
        case 0, 1, 2 -> {
          for (int i = random.nextInt(5); i >= 0 && other.isAtRest(); i--) {
            other.poll();
          }
        }
        case 3, 4 -> {
          if (other.isCommittable()) {
            other.commit();
            other.tell();
          }
        }
        case 5 -> {
          if (other.isCommittable()) {
            other.flush();
          }
        }
        case 6, 7 -> add(1 + random.nextInt(3));
        case 8 -> zombies.stream().filter(SimulatedTask::isAtRest).toList().forEach(this::haunt);
        case 9 -> {
          boolean mayDie = !setBackUnnoticed && mayHaunt();
          if (mayDie && random.nextInt(4) == 0) {
            zombies.addAll(tasks);
            restart();
          }
        }
        case 10 -> {
          if (kind.forgets && random.nextInt(4) == 0) {
            forget();
          }
        }
        default -> actElsewhere(STREAMS.get(random.nextInt(2)));
      }
    }

    /** Another group reads some entries, and acknowledges some of those that it has read. */
    private void report() {
      String stream = STREAMS.get(random.nextInt(2));
      if (random.nextInt(3) > 0 || !hasGroup(stream, REPORTS)) {
        return;
      }
      int count = 1 + random.nextInt(20);
      redis.call("XREADGROUP", "GROUP", REPORTS, "r", "COUNT", count, "STREAMS", stream, ">");
      for (Object each :
          Replies.list(redis.call("XPENDING", stream, REPORTS, "-", "+", 1 + count))) {
        String id = String.valueOf(Replies.text(Replies.list(each).get(0)));
        if (random.nextInt(10) > 0) {
          reported.addAll(contents(stream, id, id));
          redis.call("XACK", stream, REPORTS, id);
        }
      }
    }

    /** What has left the streams since the last call is in Kafka, and no group needed it. */
    private void checkTrimmed() {
      List<String> now = held();
      Set<String> gone = new HashSet<>(heldBefore);
      now.forEach(gone::remove);
      heldBefore = now;
      if (gone.isEmpty()) {
        return;
      }
      counts.trimmed += gone.size();
      assertThat(trims).as("seed %d: trims", seed).isTrue();
      assertThat(reported).as("seed %d: acknowledged by the other group", seed).containsAll(gone);
      gone.removeAll(connect.contents());
      gone.removeAll(unknowable);
      gone.removeAll(processedElsewhere);
      assertThat(gone).as("seed %d: trimmed, and not in Kafka", seed).isEmpty();
    }

    /** The replica is this far. */
    private void remember() {
      if (STREAMS.stream().allMatch(this::hasGroup)) {
        earlier = redis.snapshot();
        positionsEarlier = positions();
      }
    }

    private String positions() {
      StringBuilder all = new StringBuilder();
      for (String stream : STREAMS) {
        if (hasGroup(stream)) {
          Object group = Replies.list(redis.call("XINFO", "GROUPS", stream)).get(0);
          all.append(Replies.text(Replies.map(group).get("last-delivered-id"))).append(' ');
        }
      }
      return all.toString();
    }

    /** The replica takes over, or the server comes back after a crash. */
    private void forget() {
      FakeRedis.Snapshot replica = earlier;
      if (replica == null || tasks.stream().anyMatch(SimulatedTask::hasFailed)) {
        return;
      }
      if (kind.foreignConsumers && !positions().equals(positionsEarlier)) {
        return; // what others had read is not read again by anybody: a documented limit
      }
      counts.forgot++;
      checkTrimmed();
      counts.vanished += held().size();
      redis.comeBackAs(replica);
      heldBefore = held();
      counts.vanished -= heldBefore.size();
      lostGroup = true;
      setBackUnnoticed = false;
      // one could still acknowledge an id of what Redis forgot, which may be another entry's now;
      // without exactly-once, its offset could be of what others read: both are documented limits
      zombies.clear();
      earlier = random.nextBoolean() ? replica : null;
      clockBehind = random.nextBoolean();
      others = Others.TASKS; // until all tasks are connected again
      int before = added.size();
      add(random.nextInt(4));
      addedEarly = List.copyOf(added.subList(before, added.size()));
    }

    private void connectAgain() {
      cannotKnow(addedEarly);
      pollUntilConnected();
      if (tasks.stream().anyMatch(SimulatedTask::hasFailed)) {
        restart();
        cannotKnow(addedEarly);
        pollUntilConnected();
      }
      others = Others.ANYBODY;
    }

    private void pollUntilConnected() {
      for (int i = 0; i < 80; i++) {
        if (i == 40) {
          redis.faults(FaultPlan.none());
        }
        tasks.forEach(SimulatedTask::poll);
      }
      redis.faults(faults());
    }

    /**
     * A task knows what it has read itself. Entries that get ids again below the offset that it
     * started at, before it is connected, are for it the ones of before.
     */
    private void cannotKnow(List<String> contents) {
      for (String content : contents) {
        String stream = content.substring(0, content.indexOf('#'));
        EntryId start = startedAt.getOrDefault(stream, EntryId.ZERO);
        if (!requireNonNull(ids.get(content)).isAfter(start) && unknowable.add(content)) {
          counts.unknowable++;
        }
      }
    }

    /** What Redis has, in order of the streams. */
    private List<String> held() {
      List<String> all = new ArrayList<>();
      STREAMS.forEach(stream -> all.addAll(held(stream)));
      return all;
    }

    private List<String> held(String stream) {
      return contents(stream, "-", "+");
    }

    private List<String> contents(String stream, String from, String to) {
      List<String> all = new ArrayList<>();
      for (StreamEntry entry : Replies.entries(redis.call("XRANGE", stream, from, to))) {
        if (!isDropped(entry.id().toString())) {
          all.add(new String(entry.value(entry.size() - 1), StandardCharsets.UTF_8));
        }
      }
      return all;
    }

    /** A zombie does what it can: read, try to commit, acknowledge. */
    private void haunt(SimulatedTask zombie) {
      zombie.poll();
      if (zombies.contains(zombie)) { // Redis did not forget meanwhile
        zombie.commit();
        zombie.tell();
        zombie.flush();
      }
    }

    private void loseSomething() {
      String stream = STREAMS.get(random.nextInt(2));
      switch (random.nextInt(4)) {
        case 0 -> redis.killConnections();
        case 1 -> runFull(random.nextInt(3) > 0 && !kind.isKafkaForgetful());
        case 2 -> actElsewhere(stream);
        default -> clock.advance(Duration.ofSeconds(random.nextInt(120)));
      }
    }

    /** Another program in the group, or an operator. */
    private void actElsewhere(String stream) {
      if (kind.foreignConsumers) {
        String consumer = "somebody-" + random.nextInt(2);
        if (random.nextBoolean()) {
          readElsewhere(stream, consumer);
        } else {
          acknowledgeElsewhere(stream, consumer);
        }
      } else if (kind.losesGroups && hasGroup(stream)) {
        loseGroup(stream);
      }
    }

    /**
     * A broker dies with the workers, after it has confirmed their last transactions and before it
     * has written them.
     */
    private void loseLastTransactions() {
      int before = connect.contents().size();
      tasks.forEach(SimulatedTask::loseLastTransaction);
      counts.lostByKafka += before - connect.contents().size();
      lostGroup = true;
    }

    private void runFull(boolean now) {
      counts.full += now ? 1 : 0;
      redis.full(now);
    }

    private void loseGroup(String stream) {
      lostGroup = true;
      if (random.nextInt(3) > 0) {
        counts.lostGroups++;
        redis.call("XGROUP", "DESTROY", stream, GROUP);
        return;
      }
      // by an operator; or, if connections break with it, by a failover to a replica that lags
      counts.setBack++;
      Object group = Replies.list(redis.call("XINFO", "GROUPS", stream)).get(0);
      String last = String.valueOf(Replies.text(Replies.map(group).get("last-delivered-id")));
      List<StreamEntry> entries = Replies.entries(redis.call("XRANGE", stream, "-", last));
      Object id = entries.isEmpty() ? "0" : entries.get(random.nextInt(entries.size())).id();
      redis.call("XGROUP", "SETID", stream, GROUP, id);
      if (random.nextBoolean()) {
        redis.killConnections();
      } else {
        setBackUnnoticed = kind.scales;
      }
    }

    /**
     * With several lanes on a stream a group must not be set back by hand under them: what came of
     * it with a reply that no worker received counts as being in Kafka, a documented limit. So
     * nobody dies before the lanes have seen it.
     */
    private void letLanesNotice() {
      if (setBackUnnoticed) {
        redis.faults(FaultPlan.none());
        for (int i = 0; i < 10; i++) {
          tasks.forEach(SimulatedTask::poll);
        }
        redis.faults(faults());
        setBackUnnoticed = false;
      }
    }

    /** Another program reads a few entries, and may die. */
    private void readElsewhere(String stream, String consumer) {
      if (hasGroup(stream)) {
        redis.call(
            "XREADGROUP",
            "GROUP",
            GROUP,
            consumer,
            "COUNT",
            1 + random.nextInt(5),
            "STREAMS",
            stream,
            ">");
      }
    }

    /** Another program is done with what it has. */
    private void acknowledgeElsewhere(String stream, String consumer) {
      if (!hasGroup(stream)) {
        return;
      }
      for (Object each :
          Replies.list(redis.call("XPENDING", stream, GROUP, "-", "+", 5, consumer))) {
        String id = String.valueOf(Replies.text(Replies.list(each).get(0)));
        contents(stream, id, id).forEach(processedElsewhere::add);
        redis.call("XACK", stream, GROUP, id);
      }
    }

    private boolean hasGroup(String stream) {
      return hasGroup(stream, GROUP);
    }

    private boolean hasGroup(String stream, String group) {
      return Long.valueOf(1).equals(redis.call("EXISTS", stream))
          && Replies.list(redis.call("XINFO", "GROUPS", stream)).stream()
              .anyMatch(row -> group.equals(Replies.text(Replies.map(row).get("name"))));
    }

    private void add(int count) {
      for (int i = 0; i < count; i++) {
        String stream = STREAMS.get(random.nextInt(2));
        if (random.nextBoolean()) {
          clock.advance(Duration.ofMillis(random.nextInt(3)));
        }
        String content = stream + "#" + added.size();
        Object id =
            redis.call(
                "XADD",
                stream,
                nextId(stream),
                "claim_id",
                "CLM-" + random.nextInt(5),
                "n",
                content);
        added.add(content);
        ids.put(content, EntryId.parse(String.valueOf(Replies.text(id))));
        counts.idsAgain += handedOut.add(stream + "/" + Replies.text(id)) ? 0 : 1;
        counts.entries++;
      }
    }

    /** A clock that is behind makes Redis go on from the stream's last id. */
    private String nextId(String stream) {
      if (!clockBehind) {
        return "*";
      }
      if (random.nextInt(20) == 0) {
        clockBehind = false;
      }
      boolean exists = Long.valueOf(1).equals(redis.call("EXISTS", stream));
      Object last =
          exists
              ? Replies.map(redis.call("XINFO", "STREAM", stream)).get("last-generated-id")
              : null;
      String text = last == null ? "1-0" : String.valueOf(Replies.text(last));
      return text.substring(0, text.indexOf('-')) + "-*";
    }

    private void restart() {
      letLanesNotice();
      if (kind.scales && random.nextBoolean()) {
        lanes = 1 + random.nextInt(3);
        earlier = null; // of other consumers than those of now nothing is known then: a limit
      }
      Map<String, String> connector = new HashMap<>();
      connector.put("name", "c");
      connector.put("redis.streams", String.join(",", STREAMS));
      connector.put("redis.group", GROUP);
      connector.put("redis.consumers.per.stream", Integer.toString(lanes));
      connector.put("redis.read.count", Integer.toString(1 + random.nextInt(6)));
      connector.put("redis.read.block.ms", "1");
      connector.put("redis.max.deliveries", "0");
      connector.put("redis.claim.idle.ms", kind.foreignConsumers ? "1000" : "-1");
      connector.put("dropped.records", "acknowledge");
      connector.put("errors.retry.delay.max.ms", "100");
      connector.put("event.format", "generic");
      if (trims) {
        boolean byLength = random.nextBoolean();
        connector.put(
            byLength ? "redis.stream.max.length" : "redis.stream.retention.ms",
            random.nextBoolean() ? "1" : byLength ? "7" : "5000");
      }
      STREAMS.forEach(stream -> startedAt.put(stream, connect.lastOffset(stream)));
      tasks = connect.start(connector, 1 + random.nextInt(4));
    }

    /**
     * All faults end, but Redis may stay full; the connector runs until nothing is left to do, and
     * then a while.
     */
    private void settle() {
      letLanesNotice();
      redis.faults(FaultPlan.none());
      others = Others.TASKS;
      restart();
      int quiet = 0;
      for (int turn = 0; quiet < 10; turn++) {
        boolean read = false;
        for (SimulatedTask task : tasks) {
          read |= task.poll();
          assertThat(task.hasFailed()).as("seed %d: a task failed", seed).isFalse();
          task.commit();
          task.tell();
          task.flush();
        }
        clock.advance(Duration.ofSeconds(30)); // also lets orphans be looked for
        if (kind.foreignConsumers && turn % 50 == 49) {
          add(5); // what was dropped stays pending until another record gets through
        }
        boolean done =
            new HashSet<>(connect.contents()).containsAll(awaited())
                && STREAMS.stream().allMatch(stream -> pending(stream) == 0);
        // what is missing or pending after so long stays so, and verify() says it
        quiet = (read || !done) && turn < 1_000 ? 0 : quiet + 1;
      }
    }

    private long pending(String stream) {
      return hasGroup(stream)
          ? (Long) Replies.list(redis.call("XPENDING", stream, GROUP)).get(0)
          : 0;
    }

    /**
     * All that Redis holds now, but for what another program was done with, and what a new task
     * could not tell from what it had read.
     */
    private List<String> awaited() {
      return held().stream()
          .filter(content -> !unknowable.contains(content))
          .filter(content -> !processedElsewhere.contains(content))
          .toList();
    }

    private void verify() {
      Set<String> arrived = new HashSet<>(connect.contents());
      int duplicates = connect.contents().size() - arrived.size();
      counts.duplicates += duplicates;
      assertThat(awaited()).as("seed %d", seed).filteredOn(n -> !arrived.contains(n)).isEmpty();
      assertThat(added).as("seed %d", seed).containsAll(arrived);
      if (!kind.forgets && !trims) {
        assertThat(held()).as("seed %d", seed).containsAll(arrived);
      }
      if (kind.exactlyOnce && !(lostGroup && (kind.scales || kind.foreignConsumers))) {
        assertThat(duplicates).as("seed %d: duplicates", seed).isZero();
      }
      for (String stream : STREAMS) {
        if (kind.exactlyOnce && !kind.scales && !kind.foreignConsumers) {
          List<String> held =
              trims && !kind.forgets
                  ? added.stream()
                      .filter(n -> n.startsWith(stream))
                      .collect(Collectors.toCollection(ArrayList::new))
                  : held(stream);
          held.retainAll(arrived);
          assertThat(connect.contents().stream().filter(held::contains))
              .as("seed %d: order", seed)
              .containsExactlyElementsOf(held);
        }
        assertThat(pending(stream)).as("seed %d: pending in %s", seed, stream).isZero();
      }
    }
  }
}
