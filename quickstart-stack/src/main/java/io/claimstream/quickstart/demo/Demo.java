/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.quickstart.dashboard.Dashboard;
import io.claimstream.quickstart.demo.ArrivalCheck.Arrivals;
import io.claimstream.quickstart.demo.GroupMonitor.Group;
import io.claimstream.quickstart.stack.ConnectRest;
import io.claimstream.quickstart.stack.FreePorts;
import io.claimstream.quickstart.stack.LocalStack;
import io.claimstream.quickstart.stack.LoopbackJmx;
import io.claimstream.quickstart.stack.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.Topology;

/**
 * One run: the stack, both connectors, the analytics, the snapshots, a producer of events, and the
 * checks.
 */
final class Demo {
  private static final Map<String, Integer> TOPICS =
      Map.of(AnalyticsTopology.INPUT, 3, AnalyticsTopology.OUTPUT, 1, "claims.failed", 1);
  private static final List<String> CONNECTORS =
      List.of("claims-source.json", "claims-analytics-sink.json");
  private static final Duration CONNECTOR_START = Duration.ofSeconds(60);
  private static final Duration WITHOUT_PROGRESS = Duration.ofSeconds(60);
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

  /**
   * A run that starts with {@link #run}.
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
   * Runs until all is checked or the thread is interrupted.
   *
   * @param closing takes everything that is opened
   * @return whether all was as expected
   */
  boolean run(Closing closing) throws InterruptedException {
    installPlugins();
    // a taken port is told before anything runs
    int dashboardPort = FreePorts.require(options.ports().dashboard(), "--dashboard-port");
    LocalStack stack = closing.add(startStack());
    createTopics(stack);
    startConnectors(stack);
    startApplications(stack, closing);
    RedisConnections redis = connections(stack.redis().uri());
    TopicReader topic = startChecks(stack, redis, closing);
    GroupMonitor monitor = closing.add(new GroupMonitor(redis));
    terminal.line(WhereToLook.text(stack, directory.path()));
    if (options.dashboard()) {
      startDashboard(dashboardPort, closing);
    }
    long start = System.nanoTime();
    ClaimProducer producer = startProducer(redis, closing);
    watch(producer, monitor, start);
    terminal.endLive();
    Summary summary = summary(stack, topic, monitor, start);
    terminal.line(summary.text());
    if (!options.exit()) {
      terminal.line("The stack stays up until Ctrl-C.");
      stayUp();
    }
    return summary.isGood();
  }

  private void stayUp() throws InterruptedException {
    while (!Thread.currentThread().isInterrupted()) {
      failures.await(TICK);
    }
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

  private void createTopics(LocalStack stack) {
    terminal.line(
        "Creating topics "
            + String.join(", ", TOPICS.keySet().stream().sorted().toList())
            + " and "
            + SnapshotTopology.OUTPUT
            + " (compacted)");
    stack.createTopics(TOPICS);
    Topics.createCompacted(
        stack.kafka().bootstrapServers(), SnapshotTopology.OUTPUT, SNAPSHOT_PARTITIONS);
  }

  private void startConnectors(LocalStack stack) {
    List<ConnectorFile> connectors =
        CONNECTORS.stream()
            .map(name -> ConnectorFile.read(home.resolve("config-examples").resolve(name)))
            .map(file -> file.at(stack.redis().uri(), stack.registry().apicurioUrl()))
            .toList();
    for (ConnectorFile connector : connectors) {
      stack.connect().rest().createOrUpdate(connector.name(), connector.config());
    }
    for (ConnectorFile connector : connectors) {
      stack.connect().rest().awaitRunning(connector.name(), CONNECTOR_START);
      terminal.line("Connector " + connector.name() + " is running");
    }
  }

  private void startApplications(LocalStack stack, Closing closing) {
    terminal.line("Starting the analytics and the claims' snapshots (Kafka Streams)");
    Topology analytics =
        new AnalyticsTopology(avro(stack), StreamsApplication.schema("claim-analytics")).build();
    Topology snapshots =
        new SnapshotTopology(() -> avro(stack), StreamsApplication.schema("claim-snapshot"))
            .build();
    startApplication("claims-quickstart", analytics, stack, closing);
    startApplication("claims-snapshots", snapshots, stack, closing);
  }

  private void startApplication(String id, Topology topology, LocalStack stack, Closing closing) {
    closing.add(
        StreamsApplication.start(
            id,
            topology,
            stack.kafka().bootstrapServers(),
            directory.file("streams"),
            failures::tell));
  }

  private void startDashboard(int port, Closing closing) {
    Dashboard dashboard = closing.add(Dashboard.start(port, LoopbackJmx.url(jmxPort)));
    terminal.line("Dashboard: " + dashboard.url() + "\n");
  }

  /** A new one each time: a serde is for one thread. */
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
    closing.add(BackgroundTask.start("topic-reader", failures::tell, topic));
    closing.add(BackgroundTask.start("analytics-reader", failures::tell, back));
    if (options.events().isPresent()) { // without an end it would remember claims without end
      SnapshotReader snapshots =
          new SnapshotReader(
              stack.kafka().bootstrapServers(), avro(stack).deserializer(), evidence.snapshots());
      closing.add(BackgroundTask.start("snapshot-reader", failures::tell, snapshots));
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
            redis,
            generator()::next,
            options.events(),
            options.rate(),
            evidence.expected(),
            evidence.arrivals());
    closing.add(BackgroundTask.start("producer", failures::tell, producer));
    return producer;
  }

  private ClaimGenerator generator() {
    Duration spacing = Duration.ofSeconds(1).dividedBy(options.rate().orElse(USUAL_RATE));
    Instant start = Instant.now();
    OptionalLong events = options.events();
    if (events.isPresent()) {
      Duration most = LONGEST_SPAN.dividedBy(events.getAsLong());
      spacing = spacing.compareTo(most) < 0 ? spacing : most;
      // fast runs would end in the future, and Kafka refuses such times
      start = start.minus(spacing.multipliedBy(events.getAsLong()));
    }
    return new ClaimGenerator(options.seed(), start, spacing);
  }

  private static RedisConnections connections(String uri) {
    ConfigDef settings = new ConfigDef();
    RedisConnectionConfig.define(settings);
    return RedisConnections.of(
        RedisConnectionConfig.settings(
            new AbstractConfig(settings, Map.of(RedisConnectionConfig.URI, uri), false),
            "quickstart"));
  }

  private void watch(ClaimProducer producer, GroupMonitor monitor, long start)
      throws InterruptedException {
    LiveFigures live = new LiveFigures(terminal, evidence, start);
    Patience patience = new Patience(WITHOUT_PROGRESS, start);
    while (true) {
      Optional<Group> group = monitor.group();
      live.show(group, System.nanoTime());
      if (producer.isDone() && isComplete(group)) {
        return;
      }
      if (options.events().isPresent() && patience.isLost(progress(group), System.nanoTime())) {
        return;
      }
      failures.await(TICK);
    }
  }

  private boolean isComplete(Optional<Group> group) {
    return evidence.arrivals().arrivals().missing() == 0
        && group.isPresent()
        && group.get().pending() == 0
        && evidence.snapshots().snapshots().events() == evidence.arrivals().arrivals().arrived()
        && evidence.analytics().differences(evidence.expected().totals()).isEmpty();
  }

  private List<Long> progress(Optional<Group> group) {
    Arrivals arrivals = evidence.arrivals().arrivals();
    return List.of(
        arrivals.produced(),
        arrivals.arrived(),
        evidence.analytics().rows(),
        evidence.snapshots().snapshots().events(),
        group.map(Group::pending).orElse(-1L));
  }

  private Summary summary(LocalStack stack, TopicReader topic, GroupMonitor monitor, long start)
      throws InterruptedException {
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    // a duplicate of the last events may come after them
    topic.readToEnd(failures, WITHOUT_PROGRESS);
    return new Summary(
        options.events().orElse(0),
        evidence.arrivals().arrivals(),
        evidence.analytics().rows(),
        evidence.analytics().differences(evidence.expected().totals()),
        evidence.snapshots().snapshots(),
        troubles(stack.connect().rest()),
        monitor.group(),
        elapsed,
        evidence.latencies().overall(),
        stack.registry().subjects());
  }

  private static List<String> troubles(ConnectRest connect) {
    List<String> troubles = new ArrayList<>();
    for (JsonNode connector : connect.get("/connectors?expand=status")) {
      JsonNode status = connector.path("status");
      for (JsonNode task : status.path("tasks")) {
        if (task.path("state").asText().equals("FAILED")) {
          troubles.add(
              "connector "
                  + status.path("name").asText()
                  + " has failed: "
                  + task.path("trace").asText().lines().findFirst().orElse("no trace"));
        }
      }
    }
    return troubles;
  }
}
