/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.quickstart.dashboard.Dashboard;
import io.claimstream.quickstart.dashboard.DashboardSources;
import io.claimstream.quickstart.dashboard.DashboardSources.Latency;
import io.claimstream.quickstart.demo.ArrivalCheck.Arrivals;
import io.claimstream.quickstart.demo.GroupMonitor.Group;
import io.claimstream.stack.ConnectRest;
import io.claimstream.stack.Deviation;
import io.claimstream.stack.FreePorts;
import io.claimstream.stack.LocalStack;
import io.claimstream.stack.LoopbackJmx;
import io.claimstream.stack.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.Topology;
import org.jspecify.annotations.Nullable;

/**
 * A run: the stack, the connectors, the analytics, the snapshots, a producer of events, and the
 * checks.
 */
final class Demo {
  private static final Map<String, Integer> TOPICS =
      Map.of(AnalyticsTopology.INPUT, 3, AnalyticsTopology.OUTPUT, 1);
  private static final List<String> CONNECTORS =
      List.of("claims-source.json", "claims-analytics-sink.json", "claims-snapshots-sink.json");
  private static final Duration CONNECTOR_START = Duration.ofSeconds(60);
  private static final Duration WITHOUT_PROGRESS = Duration.ofSeconds(60);
  private static final Duration REST_TIMEOUT = Duration.ofSeconds(3);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration TICK = Duration.ofMillis(200);
  private static final long USUAL_RATE = 500;
  private static final int SNAPSHOT_PARTITIONS = 3;

  /* Event times of a whole run stay within what the analytics accept as not too late. */
  private static final Duration LONGEST_SPAN = Duration.ofHours(12);

  private final Options options;
  private final Path home;
  private final RunDirectory directory;
  private final Terminal terminal;
  private final Evidence evidence = Evidence.none();
  private final Failures failures = new Failures();
  private final int jmxPort = FreePorts.free();
  private @Nullable Running running;
  private @Nullable Summary summary;
  private long completeSince;

  /** How a run that was interrupted by Ctrl-C ended. */
  enum Ending {
    GOOD,
    BAD,
    /** Before there was anything to summarize, or before every requested event was checked. */
    INCOMPLETE
  }

  /** The parts of a run that has started completely. */
  private record Running(
      LocalStack stack, Health health, ClaimProducer producer, Breaks breaks, TopicReader topic) {}

  /**
   * Creates a run that starts with {@link #run}.
   *
   * @param home the root of the checkout
   */
  Demo(Options options, Path home, RunDirectory directory, Terminal terminal) {
    this.options = options;
    this.home = home;
    this.directory = directory;
    this.terminal = terminal;
  }

  /**
   * Runs until everything is checked or the thread is interrupted.
   *
   * @param closing receives every resource that is opened
   * @return whether every check succeeded
   */
  boolean run(Closing closing) throws InterruptedException {
    installPlugins();
    // a taken port is reported before anything runs
    int dashboardPort = FreePorts.require(options.ports().dashboard(), "--dashboard-port");
    List<ConnectorFile> files = connectorFiles();
    LocalStack stack = closing.add(startStack());
    createTopics(stack, files);
    List<ConnectorFile> connectors = startConnectors(stack, files);
    startApplications(stack, closing);
    RedisConnections redis = DemoRedis.connections(stack.redis().uri());
    Health health = closing.add(Health.of(stack, redis));
    Supervisor supervisor = new Supervisor(stack, terminal);
    closing.add(BackgroundTask.start("supervisor", failures::report, supervisor));
    TopicReader topic = startChecks(stack, redis, closing);
    Addresses addresses =
        new Addresses(
            stack.redis().uri(),
            stack.kafka().bootstrapServers(),
            stack.registry().apicurioUrl(),
            stack.connect().url());
    addresses.write(directory.path());
    String dashboard =
        options.dashboard()
            ? startDashboard(dashboardPort, addresses, redis, connectors, closing)
            : "";
    terminal.line(WhereToLook.text(stack, dashboard, showCommand(), directory.path()));
    ClaimProducer producer = startProducer(redis, closing);
    Breaks breaks =
        new Breaks(
            options.breaks(),
            stack,
            supervisor,
            health,
            evidence,
            redis,
            connectors.get(0),
            () -> producer.startedAt().isPresent(),
            terminal);
    closing.add(BackgroundTask.start("breaks", failures::report, breaks));
    Running all = new Running(stack, health, producer, breaks, topic);
    running = all;
    watch(all);
    terminal.endLive();
    // a duplicate of the last events may arrive after them
    topic.readToEnd(failures, WITHOUT_PROGRESS);
    Summary result = summary(all, false);
    summary = result;
    terminal.line(result.text());
    if (!options.exit()) {
      terminal.line("The stack stays up until Ctrl-C.");
      stayUp(all);
    }
    return result.isGood();
  }

  /** Returns the summary after Ctrl-C, without calling any server. */
  Ending interrupted() {
    Running all = running;
    Summary result = summary;
    if (result == null && all != null) {
      result = summary(all, true);
      terminal.endLive();
      terminal.line(result.text());
      if (options.events().isPresent() && result.isGood()) {
        return Ending.INCOMPLETE;
      }
    }
    if (result == null) {
      return Ending.INCOMPLETE;
    }
    return result.isGood() ? Ending.GOOD : Ending.BAD;
  }

  private void stayUp(Running all) throws InterruptedException {
    StateLog states = new StateLog(terminal);
    while (!Thread.currentThread().isInterrupted()) {
      look(states, all.health());
      failures.await(TICK);
    }
    throw new InterruptedException("Ctrl-C");
  }

  private String showCommand() {
    String command = "./quickstart show";
    return options.directory().isEmpty() ? command : command + " --dir '" + directory.path() + "'";
  }

  private void installPlugins() {
    Path target = home.resolve("packaging/target");
    try (Stream<Path> files = Files.isDirectory(target) ? Files.list(target) : Stream.empty()) {
      List<Path> zips = files.filter(file -> file.toString().endsWith(".zip")).toList();
      if (zips.isEmpty()) {
        throw new DemoException("no plugin zip in " + target + "; run ./mvnw -DskipTests package");
      }
      for (Path zip : zips) {
        terminal.line("Installing " + zip.getFileName());
        LocalStack.installPlugin(zip, plugins());
      }
    } catch (IOException e) {
      throw new DemoException("cannot read " + target + ": " + e, e);
    }
  }

  private Path plugins() {
    return directory.file("plugins");
  }

  private LocalStack startStack() {
    terminal.line("Starting Redis, Kafka, the schema registry and Connect");
    return LocalStack.in(directory.path())
        .pluginPath(plugins())
        .redisPort(options.ports().redis())
        .kafkaPort(options.ports().kafka())
        .connectPort(options.ports().connect())
        .registryPort(options.ports().registry())
        .workerJvm(
            options.dashboard() ? LoopbackJmx.jvmOptions(directory.path(), jmxPort) : List.of())
        .progress(line -> terminal.line("  " + line))
        .start();
  }

  private List<ConnectorFile> connectorFiles() {
    return CONNECTORS.stream()
        .map(name -> ConnectorFile.read(home.resolve("config-examples").resolve(name)))
        .toList();
  }

  private void createTopics(LocalStack stack, List<ConnectorFile> files) {
    Map<String, Integer> topics = new TreeMap<>(TOPICS);
    files.forEach(file -> file.deadLetterTopic().ifPresent(topic -> topics.put(topic, 1)));
    terminal.line(
        "Creating topics "
            + String.join(", ", topics.keySet())
            + " and "
            + SnapshotTopology.OUTPUT
            + " (compacted)");
    stack.createTopics(topics);
    Topics.createCompacted(
        stack.kafka().bootstrapServers(), SnapshotTopology.OUTPUT, SNAPSHOT_PARTITIONS);
  }

  private List<ConnectorFile> startConnectors(LocalStack stack, List<ConnectorFile> files) {
    List<ConnectorFile> connectors =
        files.stream()
            .map(file -> file.at(stack.redis().uri(), stack.registry().apicurioUrl()))
            .map(this::withShortTransactions)
            .toList();
    for (ConnectorFile connector : connectors) {
      stack.connect().rest().createOrUpdate(connector.name(), connector.config());
    }
    for (ConnectorFile connector : connectors) {
      stack.connect().rest().awaitRunning(connector.name(), CONNECTOR_START);
      terminal.line("Connector " + connector.name() + " is running");
    }
    return connectors;
  }

  /**
   * Shortens the transaction timeout. A worker that starts after a kill waits until the broker has
   * aborted the transactions of the killed one: a minute by default (docs/how-to/upgrade.md), too
   * long for a demo.
   */
  private ConnectorFile withShortTransactions(ConnectorFile connector) {
    if (!options.breaks().contains(Options.Break.WORKER)
        || !connector.config().has("exactly.once.support")) {
      return connector;
    }
    ConnectorFile changed = connector;
    for (Map.Entry<String, String> setting :
        Deviation.of(Deviation.Server.SOURCE_OF_KILLED_WORKERS).entrySet()) {
      changed = changed.with(setting.getKey(), setting.getValue());
    }
    return changed;
  }

  private void startApplications(LocalStack stack, Closing closing) {
    terminal.line("Starting the analytics and the claim snapshots (Kafka Streams)");
    Topology analytics =
        new AnalyticsTopology(avro(stack), StreamsApplication.schema("claim-analytics")).build();
    Topology snapshots =
        new SnapshotTopology(() -> avro(stack), StreamsApplication.schema("claim-snapshot"))
            .build();
    startApplication("claims-quickstart", analytics, stack, closing);
    startApplication(SnapshotTopology.APPLICATION, snapshots, stack, closing);
  }

  private void startApplication(String id, Topology topology, LocalStack stack, Closing closing) {
    closing.add(
        StreamsApplication.start(
            id,
            topology,
            stack.kafka().bootstrapServers(),
            directory.file("streams"),
            failures::report));
  }

  private String startDashboard(
      int port,
      Addresses addresses,
      RedisConnections redis,
      List<ConnectorFile> connectors,
      Closing closing) {
    List<String> topics =
        connectors.stream()
            .map(ConnectorFile::deadLetterTopic)
            .flatMap(Optional::stream)
            .distinct()
            .toList();
    DeadLetterReader letters = closing.add(new DeadLetterReader(redis, addresses.kafka(), topics));
    ClaimLookup lookup = new ClaimLookup(addresses);
    ClaimAsOf states = new ClaimAsOf(addresses);
    Latencies.Window latencies = evidence.latencies().window();
    DashboardSources sources =
        new DashboardSources(
            new ConnectRest(addresses.connect(), REST_TIMEOUT),
            () -> latency(latencies.next()),
            letters,
            claim -> lookup.find(claim).map(JSON::valueToTree),
            (claim, instant) -> stateAsOf(states, claim, instant));
    return closing.add(Dashboard.start(port, LoopbackJmx.url(jmxPort), sources)).url();
  }

  private static JsonNode stateAsOf(ClaimAsOf states, String claim, Instant instant) {
    try {
      return JSON.valueToTree(states.find(claim, instant));
    } catch (DemoException e) {
      throw new DashboardSources.NotFoundException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Latency latency(Latencies.Percentiles recent) {
    return recent.isEmpty() ? Latency.NONE : new Latency(recent.p50(), recent.p99());
  }

  /** Returns a new serde each time: a serde is for one thread. */
  private static Serde<GenericRecord> avro(LocalStack stack) {
    return RegistryAvro.serde(stack.registry().apicurioUrl());
  }

  private TopicReader startChecks(LocalStack stack, RedisConnections redis, Closing closing) {
    TopicReader topic =
        new TopicReader(
            stack.kafka().bootstrapServers(),
            avro(stack).deserializer(),
            evidence.arrivals(),
            evidence.latencies());
    AnalyticsReader back = new AnalyticsReader(redis, evidence.analytics());
    closing.add(BackgroundTask.start("topic-reader", failures::report, topic));
    closing.add(BackgroundTask.start("analytics-reader", failures::report, back));
    if (options.events().isPresent()) { // an endless run would keep claims without limit
      SnapshotReader snapshots =
          new SnapshotReader(
              stack.kafka().bootstrapServers(), avro(stack).deserializer(), evidence.snapshots());
      closing.add(BackgroundTask.start("snapshot-reader", failures::report, snapshots));
    }
    return topic;
  }

  private ClaimProducer startProducer(RedisConnections redis, Closing closing) {
    terminal.line(
        options.events().isPresent()
            ? String.format(Locale.ROOT, "Producing %,d events", options.events().getAsLong())
            : "Producing " + options.rate().orElseThrow() + " events/s until Ctrl-C");
    ClaimProducer producer =
        new ClaimProducer(
            redis, generator()::next, options.events(), options.rate(), evidence, this::isWarm);
    closing.add(BackgroundTask.start("producer", failures::report, producer));
    return producer;
  }

  /**
   * Returns whether the first event is in the topic, in its claim's snapshot, and in the analytics.
   */
  private boolean isWarm() {
    return evidence.latencies().coldStart().isPresent()
        && evidence.analytics().rows() > 0
        && (options.events().isEmpty() || evidence.snapshots().snapshots().events() > 0);
  }

  private ClaimGenerator generator() {
    if (options.rate().isPresent()) {
      return new ClaimGenerator(options.seed(), event -> Instant.now());
    }
    long events = options.events().orElseThrow();
    Duration usual = Duration.ofSeconds(1).dividedBy(USUAL_RATE);
    Duration most = LONGEST_SPAN.dividedBy(events);
    Duration spacing = usual.compareTo(most) < 0 ? usual : most;
    // written faster than real time, they would end in the future, and Kafka rejects such
    // timestamps
    Instant start = Instant.now().minus(spacing.multipliedBy(events));
    return new ClaimGenerator(options.seed(), start, spacing);
  }

  private void watch(Running all) throws InterruptedException {
    StateLog states = new StateLog(terminal);
    LiveFigures live = new LiveFigures(terminal, evidence, System.nanoTime());
    Patience patience = new Patience(WITHOUT_PROGRESS, System.nanoTime());
    while (true) {
      look(states, all.health());
      long now = System.nanoTime();
      live.show(all.health().group(), states.alert(now), now);
      if (all.producer().isDone() && all.breaks().isDone() && isComplete(all.health())) {
        return;
      }
      boolean lost = patience.isLost(progress(all), now);
      if (options.events().isPresent() && all.breaks().isDone() && lost) {
        return;
      }
      failures.await(TICK);
    }
  }

  private static void look(StateLog states, Health health) {
    long now = System.nanoTime();
    states.server("Redis", health.redisAnswers(now), now);
    states.server("Connect", health.connectAnswers(now), now);
    states.server("The schema registry", health.registryAnswers(now), now);
    states.tasks(health.tasks());
  }

  private boolean isComplete(Health health) {
    if (evidence.arrivals().arrivals().missing() != 0
        || evidence.snapshots().snapshots().events() != evidence.arrivals().arrivals().arrived()
        || !evidence.analytics().differences(evidence.expected().totals()).isEmpty()) {
      return false;
    }
    // replies from before the last events arrived do not count
    long now = System.nanoTime();
    completeSince = completeSince == 0 ? now : completeSince;
    return health.groupAfter(completeSince).filter(group -> group.pending() == 0).isPresent();
  }

  private List<Long> progress(Running all) {
    Arrivals arrivals = evidence.arrivals().arrivals();
    return List.of(
        arrivals.produced(),
        arrivals.arrived(),
        evidence.analytics().rows(),
        evidence.snapshots().snapshots().events(),
        all.breaks().steps(),
        all.health().group().map(Group::pending).orElse(-1L));
  }

  private Summary summary(Running all, boolean interrupted) {
    OptionalLong start = all.producer().startedAt();
    return new Summary(
        options.events(),
        interrupted,
        interrupted
            ? evidence.arrivals().arrivalsWhenInterrupted()
            : evidence.arrivals().arrivals(),
        evidence.analytics().rows(),
        interrupted ? List.of() : evidence.analytics().differences(evidence.expected().totals()),
        evidence.snapshots().snapshots(),
        all.health().tasks().stream()
            .filter(TaskState::isFailed)
            .map(task -> task.name() + " has failed: " + task.reason())
            .toList(),
        all.health().group(),
        all.breaks().results(),
        Duration.ofNanos(start.isPresent() ? System.nanoTime() - start.getAsLong() : 0),
        evidence.latencies().coldStart(),
        all.producer().warmUpMillis(),
        options.rate().isEmpty(),
        evidence.latencies().overall(),
        all.health().subjects());
  }
}
