/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.stack.FreePorts;
import io.claimstream.stack.RedisSentinel;
import io.claimstream.stack.RedisServer;
import io.claimstream.stack.StackFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What an operator sees who posts a wrong configuration: within seconds, at the setting to change,
 * what is wrong with it.
 */
@ExtendWith(Stack.class)
class ValidationIT {
  private static final Duration LONGEST = Duration.ofSeconds(5);
  private static final String SOURCE = "claims-source.json";
  private static final String SINK = "claims-analytics-sink.json";
  private static final String PASSWORD = "s3cret";
  private static final String NOTHING = "(not set)";

  private static final List<AutoCloseable> SERVERS = new ArrayList<>();
  private static Certificates certificates;
  private static RedisServer redis;
  private static int tlsPort;
  private static RedisServer replica;
  private static RedisServer node;
  private static RedisSentinel sentinel;
  private static OldRedis old;
  private static OldRedis ancient;
  private static Unanswering silent;
  private static Unanswering deaf;

  private final Stack stack;

  ValidationIT(Stack stack) {
    this.stack = stack;
  }

  /**
   * A mistake, and what has to be said about it.
   *
   * @param key the only setting that is to have errors
   * @param words what the error has to name
   */
  private record Mistake(
      String name, String example, String key, List<String> words, Map<String, String> settings) {
    @Override
    public String toString() {
      return name;
    }
  }

  @BeforeAll
  static void startServers(Stack stack) {
    Path folder = stack.directory(Stack.unique("validation"));
    StackFiles files = StackFiles.locate();
    certificates = new Certificates(folder, "changeit");
    List.of("server", "client", "stranger").forEach(certificates::make);
    tlsPort = FreePorts.free();
    List<String> guarded =
        new ArrayList<>(List.of(certificates.serverConfig(tlsPort, "server", "client")));
    guarded.add("requirepass " + PASSWORD);
    redis = started(RedisServer.start(files, folder.resolve("redis"), 0, lines(guarded)));
    replica =
        started(
            RedisServer.start(
                files,
                folder.resolve("replica"),
                0,
                "replicaof 127.0.0.1 " + redis.port(),
                "masterauth " + PASSWORD));
    node =
        started(
            RedisServer.start(
                files,
                folder.resolve("node"),
                0,
                "cluster-enabled yes",
                "cluster-port " + FreePorts.free()));
    sentinel = started(RedisSentinel.start(files, folder.resolve("sentinel"), 0, "m", node, 1));
    old = started(new OldRedis("6.0.16"));
    ancient = started(new OldRedis("5.0.14"));
    silent = started(new Unanswering());
    deaf = started(new Unanswering().deaf());
    try (Redis admin = new Redis(uris(redis.port()))) {
      admin.call("SET", "a-string", "v");
      admin.call("HSET", "a-hash", "f", "v");
      admin.call("ACL", "SETUSER", "all", "on", ">" + PASSWORD, "~*", "+@all");
      admin.call(
          "ACL", "SETUSER", "no-xack", "on", ">" + PASSWORD, "~*", "+@all", "-xack", "-xclaim");
      admin.call("ACL", "SETUSER", "no-group", "on", ">" + PASSWORD, "~*", "+@all", "-xgroup");
      admin.call("ACL", "SETUSER", "no-keys", "on", ">" + PASSWORD, "~claims:events", "+@all");
      admin.call("ACL", "SETUSER", "no-eval", "on", ">" + PASSWORD, "~*", "+@all", "-evalsha");
      admin.call("ACL", "SETUSER", "no-hset", "on", ">" + PASSWORD, "~*", "+@all", "-hset");
    }
    try (Redis admin = new Redis(node.uri())) {
      admin.call("CLUSTER", "ADDSLOTSRANGE", 0, 16_383);
    }
  }

  private static String[] lines(List<String> lines) {
    return lines.toArray(String[]::new);
  }

  private static <S extends AutoCloseable> S started(S server) {
    SERVERS.add(server);
    return server;
  }

  @AfterAll
  static void stopServers() throws Exception {
    for (AutoCloseable server : SERVERS) {
      server.close();
    }
  }

  private static String uri(int port) {
    return "redis://127.0.0.1:" + port;
  }

  private static Map<String, String> uris(int port) {
    return Map.of("redis.uri", "redis://:" + PASSWORD + "@127.0.0.1:" + port);
  }

  private static Mistake mistake(
      String name, String example, String key, String words, String... settings) {
    Map<String, String> all = new HashMap<>();
    // right unless the mistake says otherwise
    all.put("redis.uri", uri(redis.port()));
    all.put("redis.password", PASSWORD);
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    all.values().removeIf(NOTHING::equals);
    return new Mistake(name, example, key, List.of(words.split(" \\| ")), all);
  }

  static Stream<Mistake> unreachable() {
    return Stream.of(
        mistake("refused", SOURCE, "redis.uri", "refused", "redis.uri", "redis://127.0.0.1:1"),
        mistake(
            "name that does not exist",
            SOURCE,
            "redis.uri",
            "no-such-host.invalid",
            "redis.uri",
            "redis://no-such-host.invalid"),
        mistake(
            "host that drops packets", SOURCE, "redis.uri", "127.0.0.1", "redis.uri", deaf.uri()),
        mistake("host that is silent", SINK, "redis.uri", "127.0.0.1", "redis.uri", silent.uri()),
        mistake(
            "many hosts that drop packets",
            SINK,
            "redis.uri",
            "no reply | 127.0.0.1",
            "redis.uri",
            String.join(",", deaf.uri(), deaf.uri() + "/0", silent.uri()),
            "redis.connect.timeout.ms",
            "60000"),
        mistake(
            "sentinels that are silent",
            SOURCE,
            "redis.uri",
            "127.0.0.1",
            "redis.uri",
            silent.uri() + "," + deaf.uri(),
            "redis.topology",
            "sentinel",
            "redis.sentinel.master",
            "m"),
        mistake("port without TLS", SOURCE, "redis.uri", "TLS", "redis.uri", tlsUri(redis.port())),
        mistake("TLS port without TLS", SOURCE, "redis.uri", "127", "redis.uri", uri(tlsPort)));
  }

  static Stream<Mistake> servers() {
    return Stream.of(
        mistake("Redis 6.0", SOURCE, "redis.uri", "6.0.16 | 6.2", "redis.uri", old.uri()),
        mistake("Redis 5", SINK, "redis.uri", "6.2", "redis.uri", ancient.uri()),
        mistake("replica", SOURCE, "redis.uri", "replica", "redis.uri", replica.uri()),
        mistake(
            "cluster node as a server",
            SOURCE,
            "redis.topology",
            "cluster",
            "redis.uri",
            node.uri()),
        mistake(
            "server as a cluster", SINK, "redis.topology", "cluster", "redis.topology", "cluster"),
        mistake(
            "sentinel as a server",
            SINK,
            "redis.topology",
            "sentinel",
            "redis.uri",
            sentinel.uri()),
        mistake(
            "server as a sentinel",
            SOURCE,
            "redis.topology",
            "SENTINEL",
            "redis.topology",
            "sentinel",
            "redis.sentinel.password",
            PASSWORD,
            "redis.sentinel.master",
            "m"),
        mistake(
            "unknown master",
            SOURCE,
            "redis.sentinel.master",
            "'another'",
            "redis.uri",
            sentinel.uri(),
            "redis.topology",
            "sentinel",
            "redis.sentinel.master",
            "another"),
        mistake(
            "database out of range",
            SOURCE,
            "redis.uri",
            "out of range",
            "redis.uri",
            uri(redis.port()) + "/99"));
  }

  static Stream<Mistake> credentialsAndRights() {
    return Stream.of(
        mistake("wrong password", SOURCE, "redis.password", "WRONGPASS", "redis.password", "no"),
        mistake("no password", SINK, "redis.password", "NOAUTH", "redis.password", NOTHING),
        mistake("user unknown", SINK, "redis.password", "WRONGPASS", "redis.username", "nobody"),
        mistake(
            "may not acknowledge or claim",
            SOURCE,
            "redis.username",
            "XACK, XCLAIM | NOPERM",
            "redis.username",
            "no-xack",
            "redis.claim.idle.ms",
            "60000"),
        mistake(
            "may not make groups",
            SOURCE,
            "redis.username",
            "XGROUP CREATE, XGROUP SETID",
            "redis.username",
            "no-group"),
        mistake(
            "may not touch the keys beside the stream",
            SOURCE,
            "redis.username",
            "WATCH | SET",
            "redis.username",
            "no-keys",
            "redis.streams",
            "claims:events",
            "redis.failed.stream",
            ""),
        mistake(
            "may run no scripts", SINK, "redis.username", "EVALSHA", "redis.username", "no-eval"),
        mistake(
            "may store no positions", SINK, "redis.username", "HSET", "redis.username", "no-hset"));
  }

  static Stream<Mistake> tls() {
    return Stream.of(
        overTls("certificate of a stranger", "certificates", "certification path", "stranger"),
        mistake(
            "server under another name",
            SOURCE,
            "redis.uri",
            "localhost",
            trusting("server", "client", "redis.uri", "rediss://localhost:" + tlsPort)),
        mistake(
            "no certificate of the client's own",
            SINK,
            "redis.ssl.keystore.location",
            "certificate",
            "redis.uri",
            tlsUri(tlsPort),
            "redis.ssl.truststore.location",
            certificates.file("server-trust.p12"),
            "redis.ssl.truststore.password",
            "changeit"),
        mistake(
            "certificate that the server does not know",
            SOURCE,
            "redis.ssl.keystore.location",
            "127.0.0.1",
            trusting("server", "stranger", "redis.uri", tlsUri(tlsPort))),
        mistake(
            "wrong password of a store",
            SOURCE,
            "redis.ssl.keystore.location",
            "client.p12",
            trusting("server", "client", "redis.ssl.keystore.password", "no")),
        mistake(
            "store that is not there",
            SINK,
            "redis.ssl.truststore.location",
            "nowhere.p12",
            trusting("server", "client", "redis.ssl.truststore.location", "/nowhere.p12")),
        mistake(
            "stores, and no TLS",
            SINK,
            "redis.ssl.truststore.location",
            "rediss://",
            "redis.ssl.truststore.location",
            certificates.file("server-trust.p12")));
  }

  private static String tlsUri(int port) {
    return "rediss://127.0.0.1:" + port;
  }

  private static Mistake overTls(String name, String key, String words, String trusted) {
    return mistake(
        name,
        SOURCE,
        "redis.ssl.truststore." + key,
        words,
        "redis.uri",
        tlsUri(tlsPort),
        "redis.ssl.truststore.type",
        "PEM",
        "redis.ssl.truststore.certificates",
        certificates.pem(trusted + ".crt"));
  }

  /** Settings with these stores, which the last ones may overrule. */
  private static String[] trusting(String server, String client, String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "redis.uri", tlsUri(tlsPort),
                "redis.ssl.truststore.location", certificates.file(server + "-trust.p12"),
                "redis.ssl.truststore.password", "changeit",
                "redis.ssl.keystore.location", certificates.file(client + ".p12"),
                "redis.ssl.keystore.password", "changeit"));
    settings.addAll(List.of(more));
    return lines(settings);
  }

  static Stream<Mistake> settings() {
    return Stream.of(
        mistake("no Redis URI", SOURCE, "redis.uri", "redis://", "redis.uri", "http://h"),
        mistake("URI without host", SINK, "redis.uri", "authority", "redis.uri", "redis://"),
        mistake(
            "two users", SOURCE, "redis.uri", "same", "redis.uri", "redis://a:b@h,redis://c:d@h"),
        mistake("unknown topology", SOURCE, "redis.topology", "cluster", "redis.topology", "ring"),
        mistake(
            "sentinels without a master",
            SOURCE,
            "redis.sentinel.master",
            "must be the master's name",
            "redis.topology",
            "sentinel"),
        mistake(
            "cluster with a database",
            SINK,
            "redis.uri",
            "database",
            "redis.topology",
            "cluster",
            "redis.uri",
            uri(redis.port()) + "/1"),
        mistake(
            "no timeout", SINK, "redis.connect.timeout.ms", "0", "redis.connect.timeout.ms", "0"),
        mistake("no stream", SOURCE, "redis.streams", "empty", "redis.streams", ""),
        mistake(
            "string", SOURCE, "redis.streams", "a-string | string", "redis.streams", "a-string"),
        mistake(
            "hash as failed stream",
            SOURCE,
            "redis.failed.stream",
            "a-hash | hash",
            "redis.failed.stream",
            "a-hash"),
        mistake("hash as stream", SINK, "redis.stream", "a-hash | hash", "redis.stream", "a-hash"),
        mistake(
            "string as failed stream",
            SINK,
            "redis.failed.stream",
            "a-string",
            "redis.failed.stream",
            "a-string",
            "errors.tolerance",
            "all"),
        mistake(
            "dead letters into the stream that is read",
            SOURCE,
            "redis.failed.stream",
            "forever",
            "redis.streams",
            "claims:events",
            "redis.failed.stream",
            "claims:events"),
        mistake(
            "dead letters among the records",
            SINK,
            "redis.failed.stream",
            "redis.stream",
            "redis.stream",
            "claims:both",
            "redis.failed.stream",
            "claims:both",
            "errors.tolerance",
            "all"),
        mistake("misspelt setting", SOURCE, "redis.steams", "redis.streams", "redis.steams", "x"),
        mistake("the sink's setting", SOURCE, "redis.stream", "redis.streams", "redis.stream", "x"),
        mistake(
            "another product's setting",
            SINK,
            "redis.client.mode",
            "is not a setting of this connector",
            "redis.client.mode",
            "Standalone"),
        mistake(
            "parameter in the URI",
            SOURCE,
            "redis.uri",
            "redis://host/1",
            "redis.uri",
            "redis://127.0.0.1:6379?db=1"),
        mistake("a variable without braces", SOURCE, "topic", "${stream}", "topic", "$stream"),
        mistake(
            "seconds", SOURCE, "redis.start.id", "1724149800000", "redis.start.id", "1724149800"),
        mistake("no start", SOURCE, "redis.start.id", "instant", "redis.start.id", "yesterday"),
        mistake("no number", SOURCE, "redis.read.count", "many", "redis.read.count", "many"),
        mistake(
            "long block", SOURCE, "redis.read.block.ms", "1000", "redis.read.block.ms", "60000"),
        mistake("unknown variable in topic", SOURCE, "topic", "${stream}", "topic", "${table}"),
        mistake("no topic", SOURCE, "topic", "empty", "topic", " "),
        mistake(
            "illegal topic for dead letters",
            SOURCE,
            "errors.deadletterqueue.topic.name",
            "topic",
            "errors.deadletterqueue.topic.name",
            "claims:failed"),
        mistake(
            "no such folder of schemas",
            SOURCE,
            "event.schemas",
            "/nowhere",
            "event.schemas",
            "/nowhere"),
        mistake(
            "no such folder on the class path",
            SOURCE,
            "event.schemas",
            "nowhere",
            "event.schemas",
            "classpath:nowhere"),
        mistake(
            "attributes without a field for them",
            SOURCE,
            "unknown.fields",
            "attributes",
            "event.schemas",
            "/etc/claimstream/payments",
            "unknown.fields",
            "attributes"),
        mistake("unknown format", SOURCE, "event.format", "generic", "event.format", "xml"),
        mistake("unknown variable", SINK, "redis.stream", "${topic}", "redis.stream", "${table}"),
        mistake("two hash tags", SINK, "redis.stream", "brace", "redis.stream", "{a}{b}"),
        mistake("unknown delivery", SINK, "redis.delivery", "once", "redis.delivery", "twice"),
        mistake(
            "no entries", SINK, "redis.stream.max.length", "-1", "redis.stream.max.length", "0"),
        mistake(
            "no number of Connect's",
            SINK,
            "errors.retry.timeout",
            "soon",
            "errors.retry.timeout",
            "soon"));
  }

  @ParameterizedTest
  @MethodSource({"unreachable", "servers", "credentialsAndRights", "tls", "settings"})
  void aMistakeIsReportedWithinSecondsAtTheSettingToChange(Mistake mistake) {
    // given
    ObjectNode config = stack.example(mistake.example(), mistake.settings()).put("name", "wrong");
    if (mistake.settings().getOrDefault("event.schemas", "").endsWith("payments")) {
      config.put(
          "event.schemas",
          Path.of(System.getProperty("examples", ""), "payments").toAbsolutePath().toString());
    }

    // when
    long begin = System.nanoTime();
    JsonNode validation = stack.connect().validate(config.get("connector.class").asText(), config);
    Duration took = Duration.ofNanos(System.nanoTime() - begin);

    // then
    Map<String, String> errors = errors(validation);
    System.out.printf("validation, %s: %d ms: %s%n", mistake, took.toMillis(), errors);
    assertThat(errors).containsOnlyKeys(mistake.key());
    assertThat(errors.toString()).contains(mistake.words());
    assertThat(took).isLessThan(LONGEST);
  }

  @Test
  void theWorkerServesOthersMeanwhile() {
    // given
    ObjectNode config =
        stack.example(SOURCE, Map.of("redis.uri", deaf.uri())).put("name", "waiting");
    CompletableFuture<JsonNode> validation =
        CompletableFuture.supplyAsync(
            () -> stack.connect().validate(config.get("connector.class").asText(), config));

    // when
    long begin = System.nanoTime();
    stack.connect().get("/connectors");
    JsonNode other =
        stack
            .connect()
            .validate(
                "io.claimstream.connect.sink.RedisStreamSinkConnector",
                stack.example(SINK, Map.of()).put("name", "right"));
    Duration took = Duration.ofNanos(System.nanoTime() - begin);

    // then
    assertThat(errors(other)).isEmpty();
    assertThat(took).isLessThan(Duration.ofSeconds(2));
    assertThat(errors(validation.join())).containsOnlyKeys("redis.uri");
  }

  private static Map<String, String> errors(JsonNode validation) {
    Map<String, String> errors = new HashMap<>();
    for (JsonNode setting : validation.path("configs")) {
      JsonNode value = setting.path("value");
      if (!value.path("errors").isEmpty()) {
        errors.put(value.path("name").asText(), value.path("errors").toString());
      }
    }
    return errors;
  }
}
