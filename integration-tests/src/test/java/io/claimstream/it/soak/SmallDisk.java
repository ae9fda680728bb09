/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A folder with a file system of its own, which can be full. That takes Linux and root; elsewhere
 * it is an ordinary folder that is never full. Used by one thread.
 */
final class SmallDisk implements AutoCloseable {
  private static final String SIZE = "256m";
  private static final int CHUNK = 1 << 20;

  private final Path dir;
  private final boolean mounted;

  /** Makes it in that folder, which is created. */
  SmallDisk(Path dir) {
    this.dir = dir.toAbsolutePath();
    try {
      Files.createDirectories(dir);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.mounted = run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs") == null;
  }

  /** Ends what a run that was killed has left. */
  static void forget(Path dir) {
    if (Files.exists(dir)) {
      new SmallDisk(dir.toAbsolutePath(), true).close();
    }
  }

  private SmallDisk(Path dir, boolean mounted) {
    this.dir = dir;
    this.mounted = mounted;
  }

  /** Whether it can be full. */
  boolean canBeFull() {
    return mounted;
  }

  /** Leaves no space in it. */
  void fill() {
    try (OutputStream ballast = Files.newOutputStream(ballast())) {
      for (int chunk = CHUNK; chunk > 0; chunk /= 2) {
        writeUntilFull(ballast, new byte[chunk]);
      }
    } catch (IOException full) {
      // the rest of it does not fit either
    }
  }

  private static void writeUntilFull(OutputStream ballast, byte[] chunk) {
    try {
      while (true) {
        ballast.write(chunk);
      }
    } catch (IOException full) {
      // a smaller piece may fit
    }
  }

  /** Gives the space back. */
  void free() {
    try {
      Files.deleteIfExists(ballast());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path ballast() {
    return dir.resolve("ballast");
  }

  @Override
  public void close() {
    if (mounted) {
      run("umount", "-l");
    }
  }

  /** Runs a command on the folder; returns what it said if it failed. */
  private @Nullable String run(String... command) {
    List<String> words = new ArrayList<>(List.of(command));
    words.add(dir.toString());
    try {
      Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), UTF_8);
      boolean ended = process.waitFor(10, TimeUnit.SECONDS);
      return ended && process.exitValue() == 0 ? null : said;
    } catch (IOException e) {
      return e.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return e.toString();
    }
  }
}
