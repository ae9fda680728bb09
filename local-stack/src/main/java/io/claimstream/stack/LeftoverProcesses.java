/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Servers that outlived a launcher that was killed (SIGKILL) and could not stop them. Each server
 * has a file with its process id beside its log; the next run in the same folder ends the remaining
 * ones.
 */
public final class LeftoverProcesses {
  private static final String SUFFIX = ".pid";
  private static final int DEPTH = 2;
  private static final long KILL_SECONDS = 10;

  /* the clock that start times are computed from may be adjusted meanwhile */
  private static final Duration SAME = Duration.ofSeconds(5);

  private LeftoverProcesses() {}

  /**
   * Ends the processes that an earlier run left in a folder.
   *
   * @return the number of processes
   * @throws StackException if one of them does not end
   */
  public static int end(Path runFolder) {
    List<ProcessHandle> left;
    try (Stream<Path> files = Files.walk(runFolder, DEPTH)) {
      left =
          files
              .filter(file -> file.toString().endsWith(SUFFIX))
              .map(LeftoverProcesses::process)
              .flatMap(Optional::stream)
              .toList();
    } catch (IOException e) {
      throw new StackException("cannot read " + runFolder, e);
    }
    left.forEach(LeftoverProcesses::kill);
    return left.size();
  }

  static void remember(Path dir, String name, Process process) throws IOException {
    Optional<Instant> start = process.info().startInstant();
    if (start.isPresent()) {
      Files.writeString(file(dir, name), process.pid() + " " + start.get().toEpochMilli());
    }
  }

  static void forget(Path dir, String name) {
    try {
      Files.deleteIfExists(file(dir, name));
    } catch (IOException stays) {
      // no process with that id and start time exists any more; the file is ignored
    }
  }

  private static Path file(Path dir, String name) {
    return dir.resolve(name + SUFFIX);
  }

  /** Returns the process itself: a later process with the same id has another start time. */
  private static Optional<ProcessHandle> process(Path file) {
    try {
      String[] words = Files.readString(file).trim().split(" ", -1);
      long pid = Long.parseLong(words[0]);
      Instant start = Instant.ofEpochMilli(Long.parseLong(words[1]));
      return ProcessHandle.of(pid)
          .filter(
              process ->
                  process
                      .info()
                      .startInstant()
                      .filter(now -> Duration.between(start, now).abs().compareTo(SAME) < 0)
                      .isPresent());
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException unreadable) {
      return Optional.empty();
    }
  }

  private static void kill(ProcessHandle process) {
    process.destroyForcibly();
    try {
      process.onExit().get(KILL_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("interrupted while ending process " + process.pid(), e);
    } catch (Exception e) {
      throw new StackException(
          "process " + process.pid() + " of an earlier run does not end; kill it by hand", e);
    }
  }
}
