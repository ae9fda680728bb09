/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.apicurio.registry.utils.converter.AvroConverter;
import io.claimstream.it.HangingTransactions;
import io.claimstream.it.Redis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToIntFunction;
import org.apache.kafka.connect.storage.Converter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Both connectors, Redis to Kafka to Redis, under a seeded mix of faults. At each checkpoint the
 * load pauses, everything is drained, and every id is looked up at every station.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS)
class SoakIT {
  private static final double MINUTES = Double.parseDouble(System.getProperty("soak.minutes", "5"));
  private static final Duration LENGTH = Duration.ofMillis((long) (MINUTES * 60_000));

  /** A worker lives for two windows, so that a leak shows, and is killed again and again in one. */
  private static final int WINDOWS_OF_A_WORKER = 3;

  private static final Duration LONGEST_WINDOW = Duration.ofMinutes(5);
  private static final Duration BETWEEN_FAULTS = Duration.ofMillis(500);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

  /** The producers' transaction.timeout.ms: the broker has aborted a transaction by then. */
  private static final Duration LONGEST_TRANSACTION = Duration.ofMinutes(1);

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final long seed = Long.getLong("soak.seed", System.nanoTime());
  private final Ledger ledger = new Ledger();
  private final List<Fault> faults = new ArrayList<>();
  private final SoakTable table = new SoakTable();
  private final List<Audit> audits = new ArrayList<>();
  private int aborted;
  private SoakServers servers;
  private SoakConnectors connectors;
  private Converter converter;

  @BeforeEach
  void start() {
    System.out.printf("soak: %s minutes, -Dsoak.seed=%d%n", MINUTES, seed);
    servers =
        new SoakServers(Path.of(System.getProperty("stack.directory", "target/stack") + "-soak"));
    connectors = new SoakConnectors(servers);
    // not the schedule's: a fault that tries again would change what comes after it
    Random random = new Random(seed);
    faults.addAll(new RedisFaults(servers, ledger, random).all());
    faults.addAll(new NetworkFaults(servers, random).all());
    faults.addAll(new KafkaFaults(servers, connectors).all());
    faults.addAll(new WorkerFaults(servers, connectors).all());
    faults.addAll(new ConnectorFaults(servers, connectors, random).all());
    String only = System.getProperty("soak.faults");
    if (only != null) {
      faults.removeIf(fault -> !fault.kind().matches(only));
    }
    converter = converter();
  }

  @AfterEach
  void stop() {
    if (servers != null) {
      servers.close();
    }
  }

  @Test
  void nothingIsLostAndNothingIsDoubledWhateverHappens() {
    // given
    connectors.start();
    long begin = System.nanoTime();
    int windows =
        WINDOWS_OF_A_WORKER
            * (int) Math.max(1, LENGTH.dividedBy(LONGEST_WINDOW.multipliedBy(WINDOWS_OF_A_WORKER)));

    // when
    try (ClaimLoad load = new ClaimLoad(servers, ledger)) {
      awaitArrival(ledger.next());
      table.health(WorkerHealth.settled(servers));
      for (int window = 1; window <= windows; window++) {
        boolean endsWorker = window % WINDOWS_OF_A_WORKER == 0;
        FaultSchedule schedule = new FaultSchedule(faults, endsWorker, seed + window);
        long end = begin + LENGTH.toNanos() / windows * window;
        while (System.nanoTime() < end) {
          disturb(schedule);
        }
        checkpoint(load);
      }
      // whatever a task still had in its hands comes out now, if it ever does
      connectors.restart();
      awaitArrival(ledger.next());
      checkpoint(load);
    } finally {
      report();
    }

    // then
    assertThat(table.growth()).as("growth of the worker, seed %d", seed).isEmpty();
    assertThat(connectors.failures()).as("seed %d", seed).isEmpty();
  }

  private void disturb(FaultSchedule schedule) {
    Fault fault = schedule.next();
    pause(schedule.upTo(BETWEEN_FAULTS));
    Duration length = schedule.lengthOf(fault);
    System.out.printf(
        "soak: fault %d, %s, entry %d%n", table.faults(), fault.kind(), ledger.next());
    fault.inject();
    pause(length);
    long healed = System.nanoTime();
    int next = ledger.next();
    fault.heal();
    awaitArrival(next);
    table.recovered(fault.kind(), Duration.ofNanos(System.nanoTime() - healed));
    fault.settle();
  }

  /** Waits until an entry that is not older than this one is at the other end. */
  private void awaitArrival(int number) {
    HangingTransactions hanging = new HangingTransactions(servers.kafka().bootstrapServers());
    long began = System.nanoTime();
    long[] asked = {began};
    await("entry " + number + " at the other end, seed " + seed)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptions() // Redis or the worker may still be starting
        .until(
            () -> {
              if (System.nanoTime() - asked[0] > BETWEEN_LOOKS.toNanos()) {
                asked[0] = System.nanoTime();
                connectors.restartFailed();
                if (asked[0] - began > LONGEST_TRANSACTION.toNanos()) {
                  aborted += hanging.abort(SoakServers.TRANSACTIONAL_TOPICS);
                }
              }
              return servers.newestArrived() >= number;
            });
  }

  /** Drains everything, checks it, and begins anew with empty streams. */
  private void checkpoint(ClaimLoad load) {
    load.pause();
    connectors.awaitRunning();
    Audit audit =
        await("everything drained, seed " + seed)
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(500))
            .until(() -> new Audit(servers, ledger, converter), Audit::isComplete);
    audits.add(audit);
    System.out.println("soak: checkpoint, " + audit);
    table.health(WorkerHealth.settled(servers));
    if (!table.growth().isEmpty()) {
      System.out.println(
          "soak: the worker has grown; threads " + WorkerHealth.threadNames(servers));
    }
    check(audit);
    try (Redis redis = servers.openRedis()) {
      for (String stream : List.of(SoakServers.EVENTS, SoakServers.ANALYTICS, SoakServers.FAILED)) {
        redis.call("XTRIM", stream, "MAXLEN", 0);
      }
      // no failover may bring them back
      await("the replica has trimmed, too, seed " + seed)
          .atMost(PATIENCE)
          .until(() -> Long.valueOf(1).equals(redis.call("WAIT", 1, 500)));
    }
    ledger.closeWindow();
    load.resume();
  }

  private void check(Audit audit) {
    assertThat(audit.doubled()).as("doubled in Kafka, seed %d", seed).isEmpty();
    assertThat(audit.doubledBySink()).as("doubled in Redis, seed %d", seed).isEmpty();
    assertThat(audit.doubledLetters()).as("dead letters doubled, seed %d", seed).isEmpty();
    assertThat(audit.wrong()).as("wrong, seed %d", seed).isEmpty();
    assertThat(audit.sinkLetters()).as("dead letters of the sink, seed %d", seed).isZero();
  }

  private void report() {
    if (audits.isEmpty()) {
      System.out.println(table.write(Path.of("target/soak.md"), "no checkpoint was reached"));
      return;
    }
    Audit last = audits.get(audits.size() - 1);
    table.total(
        "entries that Redis acknowledged",
        ledger.next() - ledger.unanswered() - ledger.refusedCount());
    table.total("refused by Redis", ledger.refusedCount());
    table.total("without a reply, appended or not", ledger.unanswered());
    table.total("lost by Redis before they were read", sum(audit -> audit.lostByRedis().size()));
    table.total("transactions aborted that the broker had left open", aborted);
    table.total("in the topic", last.inTopic());
    table.total("lost between Redis and Kafka", sum(audit -> audit.lost().size()));
    table.total("doubled in the topic", last.doubled().size());
    table.total("in claims:analytics", sum(Audit::inAnalytics));
    table.total("lost between the two", sum(audit -> audit.lostBySink().size()));
    table.total("doubled in claims:analytics", sum(audit -> audit.doubledBySink().size()));
    table.total("dead letters in claims.failed", last.deadLetters());
    table.total("of those forgotten by Redis", sum(audit -> audit.forgottenLetters().size()));
    table.total("pending in the end", last.pending());
    table.total("tasks that failed", connectors.failures().size());
    String title = String.format("%s minutes, seed %d", MINUTES, seed);
    System.out.println(table.write(Path.of("target/soak.md"), title));
  }

  private int sum(ToIntFunction<Audit> figure) {
    return audits.stream().mapToInt(figure).sum();
  }

  private Converter converter() {
    Converter avro = new AvroConverter<>();
    avro.configure(
        Map.of(
            "apicurio.registry.url",
            servers.registry().apicurioUrl(),
            "apicurio.registry.headers.enabled",
            "false",
            "apicurio.registry.as-confluent",
            "true",
            "apicurio.registry.use-id",
            "contentId"),
        false);
    return avro;
  }

  /** The moment of a fault is the one thing here that must not wait for a condition. */
  private static void pause(Duration duration) {
    LockSupport.parkNanos(duration.toNanos());
  }
}
