/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Redis' own client, from the PATH or else from Debian's archive: it comes with no server here. */
final class RedisCli {

  private RedisCli() {}

  /**
   * The program.
   *
   * @throws IllegalStateException if it cannot be had; what needs it is not passed over
   */
  static Path program() {
    return Pattern.compile(Pattern.quote(File.pathSeparator))
        .splitAsStream(System.getenv().getOrDefault("PATH", ""))
        .map(folder -> Path.of(folder, "redis-cli"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseGet(RedisCli::collected);
  }

  private static Path collected() {
    Path folder = Path.of(System.getProperty("redis.cli", "target/redis-cli")).toAbsolutePath();
    Path program = folder.resolve("redis-cli");
    if (!Files.isExecutable(program)) {
      try {
        Process collect =
            new ProcessBuilder(List.of("./collect-redis-cli", folder.toString()))
                .redirectErrorStream(true)
                .start();
        collect.getOutputStream().close();
        String output = new String(collect.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!Files.isExecutable(program)) {
          throw new IllegalStateException(
              "no redis-cli on the PATH, and Debian's cannot be had; install it (package"
                  + " redis-tools, or redis). "
                  + output);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return program;
  }
}
