/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A setting in which the servers of the quickstart and of the tests differ from their users'
 * servers: from the servers' defaults and, for a Connect worker, from the worker file in {@code
 * config-examples}. The servers are configured from this list; CONTRIBUTING.md shows it, and a test
 * compares the two. Addresses, folders and names are not listed, and neither are settings that a
 * single test is about.
 */
public enum Deviation {
  /** Replication factor of the offsets topic. */
  OFFSETS_REPLICAS(
      Server.KAFKA, "offsets.topic.replication.factor", "1", "3", Reasons.SINGLE_BROKER),
  /** Replication factor of the transaction state topic. */
  TRANSACTION_REPLICAS(
      Server.KAFKA, "transaction.state.log.replication.factor", "1", "3", Reasons.SINGLE_BROKER),
  /** In-sync replicas of the transaction state topic. */
  TRANSACTION_IN_SYNC(
      Server.KAFKA, "transaction.state.log.min.isr", "1", "2", Reasons.SINGLE_BROKER),
  /** Wait for more members of a new group. */
  REBALANCE_DELAY(
      Server.KAFKA,
      "group.initial.rebalance.delay.ms",
      "0",
      "3000",
      "Each new group would wait three seconds, and the tests create hundreds of groups"),
  /** Interval of retention checks. */
  RETENTION_CHECK(
      Server.KAFKA,
      "log.retention.check.interval.ms",
      "1000",
      "300000",
      "Stricter than stock: expired records are deleted within a second, not within five minutes"),
  /** Delay of the first retention check. */
  RETENTION_START(
      Server.KAFKA, "log.initial.task.delay.ms", "1000", "30000", "The same after a start"),
  /** Memory of the log cleaner. */
  CLEANER_BUFFER(
      Server.KAFKA, "log.cleaner.dedupe.buffer.size", "16777216", "134217728", Reasons.SMALL_HEAP),
  /** The broker's heap. */
  KAFKA_HEAP(Server.KAFKA_JVM, "-Xmx256m", "", "-Xmx1G", Reasons.MEMORY),

  /** The worker's heap. */
  CONNECT_HEAP(Server.CONNECT_JVM, "-Xmx512m", "", "-Xmx2G", Reasons.MEMORY),
  /** Plugin discovery of a worker in tests. */
  DISCOVERY(
      Server.CONNECT_OF_TESTS,
      "plugin.discovery",
      "service_load",
      "hybrid_warn",
      "A worker starts in a tenth of the time, and the tests start dozens. They put a jar with a"
          + " service manifest beside the converters. PublishedConvertersIT and the quickstart run"
          + " as shipped"),
  /** Offset commit interval of a worker in tests. */
  OFFSET_FLUSH(
      Server.CONNECT_OF_TESTS,
      "offset.flush.interval.ms",
      "1000",
      "10000",
      "The tests wait for hundreds of commits"),
  /** Session timeout of a worker in tests. */
  WORKER_SESSION(
      Server.CONNECT_OF_TESTS,
      "session.timeout.ms",
      "6000",
      "10000",
      "Less waiting until the group drops a killed worker"),
  /** Heartbeat interval of a worker in tests. */
  WORKER_HEARTBEAT(
      Server.CONNECT_OF_TESTS,
      "heartbeat.interval.ms",
      "1500",
      "3000",
      "A fraction of the session timeout"),
  /** Time for which the tasks of a lost worker stay unassigned. */
  SCHEDULED_REBALANCE(
      Server.CONNECT_OF_TESTS,
      "scheduled.rebalance.max.delay.ms",
      "0",
      "300000",
      "The tasks of a killed worker would move only after five minutes"),
  /** Maximum time that a stop waits for a read. */
  READ_BLOCK(
      Server.SOURCE_OF_TESTS,
      "redis.read.block.ms",
      "100",
      "500",
      "A stop waits for the read in flight, and the tests stop hundreds of connectors"),
  /** Timeout of the transactions of a killed worker. */
  TRANSACTION_TIMEOUT(
      Server.SOURCE_OF_KILLED_WORKERS,
      "producer.override.transaction.timeout.ms",
      "10000",
      "60000",
      "Less waiting until the broker aborts the transactions of the killed worker. In ChaosIT and"
          + " with ./quickstart --break worker"),
  /** Session timeout of a sink task in tests. */
  SINK_SESSION(
      Server.SINK_OF_TESTS,
      "consumer.override.session.timeout.ms",
      "6000",
      "45000",
      "Less waiting until the partitions of a killed worker move"),
  /** Heartbeat interval of a sink task in tests. */
  SINK_HEARTBEAT(
      Server.SINK_OF_TESTS,
      "consumer.override.heartbeat.interval.ms",
      "1500",
      "3000",
      "A fraction of the session timeout"),

  /** The registry's database. */
  REGISTRY_DATABASE(
      Server.REGISTRY,
      "quarkus.datasource.jdbc.url",
      "jdbc:h2:file:…;WRITE_DELAY=0",
      "in memory",
      "Records in Kafka hold schema ids, which must survive a kill of the registry"),
  /** The registry's heap. */
  REGISTRY_HEAP(
      Server.REGISTRY_JVM, "-Xmx256m", "", "a quarter of the machine's memory", Reasons.MEMORY),

  /** Garbage collector of all Java servers. */
  COLLECTOR(Server.ALL_JVMS, "-XX:+UseSerialGC", "", "G1", Reasons.MEMORY),
  /** Initial heap of all Java servers. */
  FIRST_HEAP(Server.ALL_JVMS, "-Xms64m", "", "256m to 1g", Reasons.MEMORY),
  /** Compiler of all Java servers. */
  COMPILER(
      Server.ALL_JVMS,
      "-XX:TieredStopAtLevel=1",
      "",
      "4",
      "Short-lived servers start faster. benchmarks/run measures with Kafka's own options"),
  /** Behaviour of a Java server whose heap is full. */
  OUT_OF_MEMORY(
      Server.ALL_JVMS,
      "-XX:+ExitOnOutOfMemoryError",
      "",
      "off",
      "A server that runs out of memory exits visibly instead of limping on"),

  /** Durability of a killed Redis. */
  APPEND_ONLY(
      Server.REDIS,
      "appendonly",
      "yes",
      "no",
      "As the docs ask of users: without it a killed Redis loses minutes of data. Tests of a Redis"
          + " that loses data remove the data themselves"),
  /** Time for which a master waits for more replicas. */
  SYNC_DELAY(
      Server.REPLICAS_OF_TESTS,
      "repl-diskless-sync-delay",
      "0",
      "5",
      "A master would wait five seconds for more replicas before each full sync"),
  /** Time after which a node of a Cluster counts as failed. */
  NODE_TIMEOUT(
      Server.CLUSTER_OF_TESTS,
      "cluster-node-timeout",
      "2000",
      "15000",
      "Less waiting for failovers"),
  /** Time after which a sentinel considers its master down. */
  DOWN_AFTER(
      Server.SENTINEL, "down-after-milliseconds", "2000", "30000", "Less waiting for failovers"),
  /** Maximum time of a failover. */
  FAILOVER_TIMEOUT(
      Server.SENTINEL,
      "failover-timeout",
      "5000",
      "180000",
      "A failed failover is retried after twice as long");

  /** Server or client that a setting applies to. */
  public enum Server {
    /** The broker. */
    KAFKA("Kafka broker"),
    /** The broker's JVM. */
    KAFKA_JVM("Kafka broker"),
    /** The JVM of every worker. */
    CONNECT_JVM("Connect worker"),
    /** The workers of the integration tests; the quickstart's runs with the shipped file. */
    CONNECT_OF_TESTS("Connect worker of the tests"),
    /** Source connectors in the integration tests. */
    SOURCE_OF_TESTS("Source connector in tests"),
    /** Source connectors whose worker is killed on purpose. */
    SOURCE_OF_KILLED_WORKERS("Source connector of a killed worker"),
    /** Sink connectors in the integration tests. */
    SINK_OF_TESTS("Sink connector in tests"),
    /** The schema registry. */
    REGISTRY("Schema registry"),
    /** The registry's JVM. */
    REGISTRY_JVM("Schema registry"),
    /** The JVMs of all Java servers. */
    ALL_JVMS("All Java servers"),
    /** Every Redis server. */
    REDIS("Redis"),
    /** Masters and replicas in tests. */
    REPLICAS_OF_TESTS("Redis with a replica, in tests"),
    /** Nodes of a Cluster in tests. */
    CLUSTER_OF_TESTS("Redis Cluster, in tests"),
    /** Sentinels in tests. */
    SENTINEL("Redis Sentinel, in tests");

    private final String title;

    Server(String title) {
      this.title = title;
    }

    /** Returns its name in the documentation. */
    public String title() {
      return title;
    }
  }

  /* an enum's constants come before its fields */
  private static final class Reasons {
    static final String SINGLE_BROKER = "One broker";
    static final String MEMORY = "Four servers, and twice as many in tests, share a laptop";
    static final String SMALL_HEAP = "Must fit the small heap";
  }

  private final Server server;
  private final String setting;
  private final String value;
  private final String stock;
  private final String reason;

  Deviation(Server server, String setting, String value, String stock, String reason) {
    this.server = server;
    this.setting = setting;
    this.value = value;
    this.stock = stock;
    this.reason = reason;
  }

  /** Returns the server to configure. */
  public Server server() {
    return server;
  }

  /** Returns the setting's name, or the whole JVM option. */
  public String setting() {
    return setting;
  }

  /** Returns the value; empty for a JVM option. */
  public String value() {
    return value;
  }

  /** Returns the default value. */
  public String stock() {
    return stock;
  }

  /** Returns the reason. */
  public String reason() {
    return reason;
  }

  /** Returns the settings of a server and their values. */
  public static Map<String, String> of(Server server) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (Deviation deviation : values()) {
      if (deviation.server == server) {
        settings.put(deviation.setting, deviation.value);
      }
    }
    return settings;
  }

  /** Returns the settings as lines of a Redis configuration. */
  public static List<String> redisLines(Server... servers) {
    return Arrays.stream(servers)
        .flatMap(server -> of(server).entrySet().stream())
        .map(setting -> setting.getKey() + " " + setting.getValue())
        .toList();
  }

  /** Returns the options of a JVM. */
  static List<String> jvmOptions(Server server) {
    return List.copyOf(of(server).keySet());
  }
}
