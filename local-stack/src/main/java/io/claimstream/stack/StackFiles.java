/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Locations of the servers that the build collected.
 *
 * @param kafkaLibs the folder with the jars of the Kafka broker and the Connect worker
 * @param redisServer the executable of Redis 6.2 or newer
 * @param registryHome the folder of the schema registry
 * @param avroConverter the plugin folder of the Avro converter
 */
public record StackFiles(Path kafkaLibs, Path redisServer, Path registryHome, Path avroConverter) {
  /** System property with the folder {@code local-stack/servers} of a built checkout. */
  public static final String PROPERTY = "claimstream.stack";

  private static final String BUILD = "run ./mvnw -DskipTests package";
  private static final Pattern REDIS_VERSION = Pattern.compile("v=(\\d+)\\.(\\d+)\\.");

  /**
   * Finds the servers in the folder of the system property {@value #PROPERTY}, or in the checkout
   * around the working directory. Prefers a {@code redis-server} on the PATH to the collected one
   * if it is Redis 6.2 or newer.
   *
   * @throws StackException if something is missing, with the command that collects it
   */
  public static StackFiles locate() {
    Path servers = serversFolder();
    return new StackFiles(
        existing(servers.resolve("kafka/target/stack/kafka")),
        redisOnPath(System.getenv("PATH")).orElseGet(StackFiles::collectedRedis),
        existing(servers.resolve("registry/target/stack/registry")),
        existing(servers.resolve("avro-converter/target/stack/avro-converter")));
  }

  /**
   * Returns the Redis that the build collected, whatever is on the PATH.
   *
   * @throws StackException if it is missing, with the command that collects it
   */
  public static Path collectedRedis() {
    Path folder = existing(serversFolder().resolve("redis/target/stack/redis"));
    Path executable = only(folder, "redis-server-*-" + platform().orElseThrow(StackFiles::noRedis));
    if (!Files.isExecutable(executable) && !executable.toFile().setExecutable(true)) {
      throw new StackException("cannot make " + executable + " executable");
    }
    return executable;
  }

  /** Returns a class path with all jars of {@link #kafkaLibs}. */
  String kafkaClassPath() {
    return kafkaLibs + "/*";
  }

  /** Returns the runnable jar of the schema registry: Apicurio 3 has another name for it. */
  Path registryJar() {
    Path newer = registryHome.resolve("quarkus-run.jar");
    return Files.exists(newer) ? newer : only(registryHome, "*-runner.jar");
  }

  private static Path serversFolder() {
    String property = System.getProperty(PROPERTY);
    if (property != null) {
      return existing(Path.of(property).toAbsolutePath());
    }
    Path start = Path.of("").toAbsolutePath();
    return Stream.iterate(start, Objects::nonNull, Path::getParent)
        .map(folder -> folder.resolve("local-stack/servers"))
        .filter(Files::isDirectory)
        .findFirst()
        .orElseThrow(
            () ->
                new StackException(
                    "no local-stack/servers around "
                        + start
                        + "; start inside a checkout or set -D"
                        + PROPERTY));
  }

  private static Path existing(Path path) {
    if (!Files.isDirectory(path)) {
      throw missing(path);
    }
    return path;
  }

  private static StackException missing(Path path) {
    return new StackException(path + " is missing; " + BUILD);
  }

  static Optional<Path> redisOnPath(@Nullable String searchPath) {
    return Pattern.compile(Pattern.quote(System.getProperty("path.separator")))
        .splitAsStream(searchPath == null ? "" : searchPath)
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, "redis-server"))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst()
        .filter(StackFiles::hasConsumerGroupsWithAutoclaim);
  }

  private static boolean hasConsumerGroupsWithAutoclaim(Path redisServer) {
    try {
      Process process =
          new ProcessBuilder(redisServer.toString(), "--version").redirectErrorStream(true).start();
      String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher version = REDIS_VERSION.matcher(answer);
      if (!version.find()) {
        return false;
      }
      int major = Integer.parseInt(version.group(1));
      return major > 6 || (major == 6 && Integer.parseInt(version.group(2)) >= 2);
    } catch (IOException cannotRun) {
      return false;
    }
  }

  /** Returns whether the build collects a Redis for this machine's system and processor. */
  public static boolean hasRedisForThisMachine() {
    return platform().isPresent();
  }

  private static Optional<String> platform() {
    String os = os();
    String arch = arch();
    boolean arm = arch.equals("aarch64") || arch.equals("arm64");
    boolean intel = arch.equals("amd64") || arch.equals("x86_64");
    if ((arm || intel) && (os.startsWith("linux") || os.startsWith("mac"))) {
      return Optional.of(
          (os.startsWith("linux") ? "linux-" : "darwin-") + (arm ? "arm64" : "amd64"));
    }
    return Optional.empty();
  }

  private static StackException noRedis() {
    return new StackException(
        "no Redis for " + os() + " on " + arch() + "; put a redis-server 6.2 or newer on the PATH");
  }

  private static String os() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT);
  }

  private static String arch() {
    return System.getProperty("os.arch");
  }

  private static Path only(Path folder, String glob) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, glob)) {
      Iterator<Path> found = files.iterator();
      if (!found.hasNext()) {
        throw missing(folder.resolve(glob));
      }
      Path first = found.next();
      if (found.hasNext()) {
        throw new StackException(
            "found both of " + List.of(first, found.next()) + "; run ./mvnw clean package");
      }
      return first;
    } catch (IOException e) {
      throw new StackException("cannot read " + folder, e);
    }
  }
}
