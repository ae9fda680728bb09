/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.quickstart.demo.Options.Break;
import io.claimstream.stack.ConnectRest;
import io.claimstream.stack.LocalServer;
import io.claimstream.stack.LocalStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Breaks one thing after another while events flow, and waits each time until every event written
 * so far has arrived in Kafka.
 */
final class Breaks implements BackgroundTask.Body {
  static final String FAILED_STREAM = "claims:failed";

  private static final Duration BEFORE = Duration.ofSeconds(3);
  private static final Duration DOWN = Duration.ofSeconds(5);
  private static final Duration LOOK = Duration.ofSeconds(3);
  private static final Duration TICK = Duration.ofMillis(50);
  private static final double SELF_HELP_SECONDS = 8;
  private static final int REASON = 150;
  private static final Duration LONGEST = Duration.ofSeconds(90);

  private final List<Break> wanted;
  private final LocalStack stack;
  private final Supervisor supervisor;
  private final Health health;
  private final Evidence evidence;
  private final RedisConnections redis;
  private final ConnectorFile source;
  private final BooleanSupplier flowing;
  private final Terminal terminal;
  private final List<String> results = new ArrayList<>();
  private final AtomicInteger steps = new AtomicInteger();
  private volatile boolean done;

  /**
   * Creates breaks that begin with {@link #run}.
   *
   * @param wanted the breaks, in order
   * @param source the running source connector
   * @param flowing returns whether the first event has passed through every step
   */
  Breaks(
      List<Break> wanted,
      LocalStack stack,
      Supervisor supervisor,
      Health health,
      Evidence evidence,
      RedisConnections redis,
      ConnectorFile source,
      BooleanSupplier flowing,
      Terminal terminal) {
    this.wanted = wanted;
    this.stack = stack;
    this.supervisor = supervisor;
    this.health = health;
    this.evidence = evidence;
    this.redis = redis;
    this.source = source;
    this.flowing = flowing;
    this.terminal = terminal;
    this.done = wanted.isEmpty();
  }

  /** Returns whether every break has happened and recovered. */
  boolean isDone() {
    return done;
  }

  /** Returns a number that rises while there is progress. */
  long steps() {
    return steps.get();
  }

  /** Returns one line for each break and its recovery. */
  List<String> results() {
    synchronized (results) {
      return List.copyOf(results);
    }
  }

  @Override
  public void run(BackgroundTask.Stop stop) throws InterruptedException {
    until(stop, flowing, "no event has passed through");
    for (Break broken : wanted) {
      stop.await(BEFORE);
      if (stop.isAsked()) {
        return;
      }
      String result = doBreak(broken, stop);
      if (stop.isAsked()) {
        return;
      }
      synchronized (results) {
        results.add(result);
      }
      terminal.good("Recovered: " + result);
      steps.incrementAndGet();
    }
    done = true;
  }

  private String doBreak(Break broken, BackgroundTask.Stop stop) throws InterruptedException {
    return switch (broken) {
      case REDIS -> {
        terminal.alert("Break: stopping Redis for " + DOWN.toSeconds() + " s");
        yield outage("Redis", stack.redis(), false, DOWN, stop);
      }
      case WORKER -> {
        terminal.alert("Break: killing the Connect worker (SIGKILL) and restarting it");
        yield outage("the Connect worker", stack.connect(), true, Duration.ZERO, stop);
      }
      case REGISTRY -> {
        terminal.alert(
            "Break: killing the schema registry (SIGKILL) for " + DOWN.toSeconds() + " s");
        yield outage("the schema registry", stack.registry(), true, DOWN, stop);
      }
      case ENTRY -> badEntry(stop);
    };
  }

  private String outage(
      String name, LocalServer server, boolean kill, Duration down, BackgroundTask.Stop stop)
      throws InterruptedException {
    long begun = System.nanoTime();
    supervisor.holdDown(server);
    try {
      if (kill) {
        server.kill();
      } else {
        server.close(); // closes it so that acknowledged writes reach the disk
      }
      stop.await(down);
      server.start();
    } finally {
      supervisor.release(server);
    }
    double away = seconds(begun);
    if (stop.isAsked()) {
      return "";
    }
    steps.incrementAndGet();
    Recovery recovery = recover(stop);
    return String.format(
        Locale.ROOT,
        "%s was down for %.1f s; %.1f s after its restart every event written so far was in"
            + " Kafka%s",
        name,
        away,
        recovery.seconds(),
        recovery.restarted().isEmpty() ? "" : ", with " + recovery.restarted() + " restarted");
  }

  private record Recovery(double seconds, Set<String> restarted) {}

  /** Waits for the recovery. Restarts a task that failed meanwhile, as a person would. */
  private Recovery recover(BackgroundTask.Stop stop) throws InterruptedException {
    long back = System.nanoTime();
    long written = evidence.arrivals().arrivals().produced();
    Set<String> restarted = new HashSet<>();
    until(
        stop,
        () -> {
          Optional<List<TaskState>> tasks = health.tasksAfter(back);
          if (seconds(back) > SELF_HELP_SECONDS) {
            tasks.ifPresent(states -> restartFailed(states, restarted));
          }
          return evidence.arrivals().arrivals().arrived() >= written
              && tasks.filter(Breaks::allRun).isPresent();
        },
        "no recovery");
    return new Recovery(seconds(back), restarted);
  }

  private void restartFailed(List<TaskState> states, Set<String> restarted) {
    for (TaskState state : states) {
      if (state.isFailed() && restarted.add(state.name())) {
        terminal.line("Restarting " + state.name() + ", which has failed meanwhile");
        stack.connect().rest().restart(state.connector());
      }
    }
  }

  private static boolean allRun(List<TaskState> states) {
    return states.stream().anyMatch(TaskState::isTask)
        && states.stream().allMatch(TaskState::isRunning);
  }

  private String badEntry(BackgroundTask.Stop stop) throws InterruptedException {
    terminal.alert("Break: writing an entry without claim_id to " + ClaimProducer.STREAM);
    long begun = System.nanoTime();
    EntryId id;
    try (RedisSession session = new RedisSession(redis, ClaimProducer.STREAM)) {
      Command bad =
          Command.of(
              "XADD", ClaimProducer.STREAM, "*", "type", "claim_submitted", "note", "no claim_id");
      id = session.call(connection -> Replies.id(present(connection.call(bad))));
      until(stop, () -> failedSource(begun).isPresent(), "the source's task has not failed");
      String reason = failedSource(begun).map(TaskState::reason).orElse("");
      terminal.alert("The task has failed, and the entry stays pending: no data is lost");
      steps.incrementAndGet();
      stop.await(LOOK);
      terminal.line("Setting errors.tolerance=all: the entry is dead-lettered to " + FAILED_STREAM);
      ConnectRest rest = stack.connect().rest();
      rest.createOrUpdate(source.name(), source.with("errors.tolerance", "all").config());
      steps.incrementAndGet();
      Recovery recovery = recover(stop);
      until(stop, () -> session.call(redis -> isDeadLetter(redis, id)), "there is no dead letter");
      return String.format(
          Locale.ROOT,
          "entry %s failed the task (%s); it is in %s, and %.1f s after the change every event"
              + " written so far was in Kafka",
          id,
          reason.length() <= REASON ? reason : reason.substring(0, REASON) + "…",
          FAILED_STREAM,
          recovery.seconds());
    }
  }

  private Optional<TaskState> failedSource(long since) {
    return health.tasksAfter(since).stream()
        .flatMap(List::stream)
        .filter(state -> state.connector().equals(source.name()) && state.isFailed())
        .findFirst();
  }

  private static boolean isDeadLetter(RedisConnection redis, EntryId id) {
    return Replies.entries(
            redis.call(Command.of("XREVRANGE", FAILED_STREAM, "+", "-", "COUNT", 100)))
        .stream()
        .anyMatch(entry -> id.toString().equals(ClaimProducer.fields(entry).get("error_id")));
  }

  private static Object present(@Nullable Object reply) {
    if (reply == null) {
      throw new DemoException("Redis did not write an entry and returned no error");
    }
    return reply;
  }

  private static void until(BackgroundTask.Stop stop, BooleanSupplier condition, String otherwise)
      throws InterruptedException {
    long begun = System.nanoTime();
    while (!stop.isAsked() && !condition.getAsBoolean()) {
      if (System.nanoTime() - begun > LONGEST.toNanos()) {
        throw new DemoException(otherwise + " after " + LONGEST.toSeconds() + " s");
      }
      stop.await(TICK);
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
