/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server as a child process of this JVM that writes to {@code dir/name.log}. It ends with this
 * JVM at the latest. Safe for use by several threads.
 */
public final class ServerProcess implements AutoCloseable {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration KILL_TIMEOUT = Duration.ofSeconds(10);
  private static final int POLL_MILLIS = 50;
  private static final int LOG_LINES = 15;
  private static final int LOG_BYTES = 8192;

  /** A check of the server; a failed connection means no. */
  @FunctionalInterface
  public interface Condition {
    /** Returns whether the server is ready now. */
    boolean holds() throws IOException;
  }

  private final String name;
  private final Path dir;
  private final List<String> command;
  private final Condition ready;
  private final Duration timeout;
  private @Nullable Process process;
  private long logStart;

  /**
   * Describes a server; does not start it.
   *
   * @param command the program and its arguments; run in {@code dir}
   * @param timeout the time for which {@link #start} waits for {@code ready}
   */
  public ServerProcess(
      String name, Path dir, List<String> command, Condition ready, Duration timeout) {
    this.name = name;
    this.dir = dir;
    this.command = List.copyOf(command);
    this.ready = ready;
    this.timeout = timeout;
  }

  /**
   * Starts the server and returns when it is ready. Does nothing if it is running.
   *
   * @throws StackException with its last log lines if it exits early or is not ready in time; it is
   *     not running then
   */
  public synchronized void start() {
    if (isAlive()) {
      return;
    }
    Process started = launch();
    process = started;
    try {
      waitReady(started);
    } catch (RuntimeException e) {
      kill();
      throw e;
    }
  }

  /**
   * Runs a program to completion.
   *
   * @throws StackException with its last log lines if it fails or does not exit in time
   */
  static void run(String name, Path dir, List<String> command, Duration timeout) {
    ServerProcess program = new ServerProcess(name, dir, command, () -> false, timeout);
    program.runToEnd();
  }

  private synchronized void runToEnd() {
    Process started = launch();
    process = started;
    boolean ended = awaitEnd(started, timeout);
    kill();
    if (!ended) {
      throw new StackException(name + " did not exit in time" + lastLogLines());
    }
    if (started.exitValue() != 0) {
      throw new StackException(
          name + " exited with status " + started.exitValue() + lastLogLines());
    }
  }

  /** Returns whether the process is running, paused or not. */
  public synchronized boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** Returns the process id of the latest start. */
  public synchronized long pid() {
    return running().pid();
  }

  /** Ends the process at once (SIGKILL), as a crash does. */
  public synchronized void kill() {
    if (process != null) {
      process.destroyForcibly();
      awaitEnd(process, KILL_TIMEOUT);
      ended(process);
    }
  }

  /** Freezes the process (SIGSTOP): its connections stay open, but nothing replies. */
  public synchronized void pause() {
    ChildProcesses.signal(running(), "STOP");
  }

  /** Resumes a paused process (SIGCONT). */
  public synchronized void resume() {
    ChildProcesses.signal(running(), "CONT");
  }

  /** Stops the process if it is running, and starts it again with the same command. */
  public synchronized void restart() {
    close();
    start();
  }

  /** Asks the process to stop, and kills it if it does not stop in time. */
  @Override
  public synchronized void close() {
    if (process == null) {
      return;
    }
    ChildProcesses.askToStop(process);
    if (!awaitEnd(process, STOP_TIMEOUT)) {
      kill();
    }
    ended(process);
  }

  private void ended(Process child) {
    ChildProcesses.remove(child);
    LeftoverProcesses.forget(dir, name);
  }

  private Process running() {
    if (process == null || !process.isAlive()) {
      throw new StackException(name + " is not running");
    }
    return process;
  }

  private Process launch() {
    Path log = log();
    try {
      Files.createDirectories(dir);
      logStart = Files.exists(log) ? Files.size(log) : 0;
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(dir.toFile())
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      Process child = ChildProcesses.start(builder);
      LeftoverProcesses.remember(dir, name, child);
      return child;
    } catch (IOException e) {
      throw new StackException("cannot start " + name + ": " + e.getMessage(), e);
    }
  }

  private void waitReady(Process started) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!holds()) {
      if (awaitEnd(started, Duration.ofMillis(POLL_MILLIS))) {
        throw new StackException(
            name + " exited with status " + started.exitValue() + lastLogLines());
      }
      if (System.nanoTime() > deadline) {
        throw new StackException(
            name + " was not ready after " + timeout.toSeconds() + " s" + lastLogLines());
      }
    }
  }

  private boolean holds() {
    try {
      return ready.holds();
    } catch (IOException notYet) {
      return false;
    }
  }

  private static boolean awaitEnd(Process process, Duration timeout) {
    try {
      return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("interrupted while waiting for a server", e);
    }
  }

  private Path log() {
    return dir.resolve(name + ".log");
  }

  private String lastLogLines() {
    try (RandomAccessFile file = new RandomAccessFile(log().toFile(), "r")) {
      file.seek(Math.max(logStart, file.length() - LOG_BYTES));
      byte[] tail = new byte[(int) (file.length() - file.getFilePointer())];
      file.readFully(tail);
      List<String> lines = new String(tail, StandardCharsets.UTF_8).lines().toList();
      return "; last lines of "
          + log()
          + ":\n"
          + String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    } catch (IOException e) {
      return "; see " + log();
    }
  }
}
