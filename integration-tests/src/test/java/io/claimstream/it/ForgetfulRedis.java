/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.stack.Deviation;
import io.claimstream.stack.RedisServer;
import io.claimstream.stack.StackFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A server with Redis' own persistence settings ({@code appendfsync everysec}) that can come back
 * with the append-only file it had a while ago, as after a crash of its machine.
 */
public final class ForgetfulRedis implements OwnRedis {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** A folder since Redis 7.0, a file before. */
  private static final String APPEND_ONLY = "appendonly";

  private static final String MANIFEST = ".manifest";

  private final StackFiles files = StackFiles.locate();
  private final Path data;
  private final Path copy;
  private volatile RedisServer server;

  /** Starts it with nothing in it. */
  ForgetfulRedis(Path dir) {
    this.data = dir.resolve("data");
    this.copy = dir.resolve("copy");
    this.server = start(0);
  }

  private RedisServer start(int port, String... more) {
    List<String> lines = new ArrayList<>(Deviation.redisLines(Deviation.Server.REPLICAS_OF_TESTS));
    lines.addAll(List.of(more));
    return RedisServer.start(files, data, port, lines.toArray(String[]::new));
  }

  /** Its process. */
  public RedisServer server() {
    return server;
  }

  /** Its address. */
  public String uri() {
    return server.uri();
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(RedisConnectionConfig.URI, uri());
  }

  @Override
  public Redis open() {
    return new Redis(uri());
  }

  /** How many entries the stream has. */
  public long length(String stream) {
    try (Redis redis = open()) {
      return redis.call("XLEN", stream) instanceof Long length ? length : -1;
    }
  }

  /** Copies the append-only file as a crash would leave it: its end may be missing. */
  public void remember() {
    Map<String, String> before;
    Map<String, String> after = manifests();
    do { // a rewrite replaces files while they are copied
      before = after;
      delete(copy);
      copyAppendOnly(data, copy);
      after = manifests();
    } while (!before.equals(after));
  }

  /** The same, with everything that was acknowledged until now. */
  void rememberAll() {
    await("append-only file")
        .atMost(PATIENCE)
        .until(
            () -> {
              try (Redis redis = open()) {
                // everysec holds writes back while an fsync runs
                return redis.info("persistence").lines().anyMatch("aof_buffer_length:0"::equals);
              }
            });
    remember();
  }

  /** Ends it at once. */
  public void kill() {
    server.kill();
  }

  /** Restarts it with what the kill left. */
  public void start() {
    server = start(server.port());
  }

  /** Restarts it with the append-only file of {@link #remember()}. */
  public void startAsRemembered() {
    try (Stream<Path> paths = Files.list(data)) {
      paths.filter(ForgetfulRedis::isAppendOnly).forEach(ForgetfulRedis::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    copyAppendOnly(copy, data);
    start();
  }

  /** Restarts it as a replica, which drops what its master does not have. */
  void startAsReplicaOf(ForgetfulRedis master) {
    server = start(server.port(), "replicaof 127.0.0.1 " + master.server.port());
  }

  /** Makes a replica a master. */
  void promote() {
    try (Redis redis = open()) {
      redis.call("REPLICAOF", "NO", "ONE");
    }
  }

  private static boolean isAppendOnly(Path path) {
    return path.getFileName().toString().startsWith(APPEND_ONLY);
  }

  private Map<String, String> manifests() {
    Map<String, String> manifests = new TreeMap<>();
    try {
      for (Path path : appendOnly(data)) {
        if (path.toString().endsWith(MANIFEST)) {
          manifests.put(path.toString(), Files.readString(path));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return manifests;
  }

  /** All files and folders of the append-only file, each folder before what is in it. */
  private static List<Path> appendOnly(Path dir) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> paths = Files.walk(dir)) {
      paths
          .filter(path -> path.startsWith(dir) && !path.equals(dir))
          .filter(path -> isAppendOnly(dir.resolve(dir.relativize(path).getName(0))))
          .forEach(found::add);
    }
    return found;
  }

  private static void copyAppendOnly(Path from, Path to) {
    try {
      Files.createDirectories(to);
      for (Path path : appendOnly(from)) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else if (Files.exists(path)) {
          Files.copy(path, target);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path path) {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(path)) {
      for (Path one : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
