/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.stack.LeftoverProcesses;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The directory of one run, emptied at the start and locked by one run at a time. */
final class RunDirectory implements AutoCloseable {
  private static final String MARKER = ".claimstream-quickstart";

  private final Path path;
  private final FileChannel lock;

  private RunDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Creates the directory, or empties the one of an earlier run.
   *
   * @throws DemoException if it contains anything else, or another run is using it
   */
  static RunDirectory open(Path wanted) {
    Path path = wanted.toAbsolutePath().normalize();
    try {
      Files.createDirectories(path);
      refuseForeignFiles(path);
      FileChannel lock =
          FileChannel.open(
              path.resolve(MARKER), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locked(lock)) {
        lock.close();
        throw new DemoException(
            "another quickstart is running in " + path + "; choose another directory with --dir");
      }
      LeftoverProcesses.end(path);
      empty(path);
      return new RunDirectory(path, lock);
    } catch (IOException e) {
      throw new DemoException("cannot use " + path + ": " + e + "; see --dir", e);
    }
  }

  /** Returns whether a run is using the directory. */
  static boolean isInUse(Path path) {
    Path marker = path.resolve(MARKER);
    if (!Files.exists(marker)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(marker, StandardOpenOption.WRITE)) {
      return !locked(channel);
    } catch (IOException e) {
      throw new DemoException("cannot read " + marker, e);
    }
  }

  Path path() {
    return path;
  }

  Path file(String name) {
    return path.resolve(name);
  }

  private static void refuseForeignFiles(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      if (!Files.exists(path.resolve(MARKER)) && files.findAny().isPresent()) {
        throw new DemoException(
            path + " contains other files and is not touched; choose another directory with --dir");
      }
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static void empty(Path path) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.walk(path)) {
      files =
          found
              .filter(file -> !file.equals(path) && !file.equals(path.resolve(MARKER)))
              .sorted(Comparator.reverseOrder())
              .toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new DemoException("cannot release " + path, e);
    }
  }
}
