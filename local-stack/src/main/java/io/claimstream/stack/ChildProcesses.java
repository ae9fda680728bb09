/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The running child processes of this JVM; none outlives it when it exits or is interrupted. */
final class ChildProcesses {
  private static final long STOP_SECONDS = 10;
  private static final Set<Process> LIVE = new LinkedHashSet<>();
  private static boolean ending;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(ChildProcesses::endAll, "stack-shutdown"));
  }

  private ChildProcesses() {}

  static Process start(ProcessBuilder builder) throws IOException {
    synchronized (LIVE) {
      if (ending) {
        throw new StackException("this JVM is shutting down and starts no more servers");
      }
      Process process = builder.start();
      LIVE.add(process);
      return process;
    }
  }

  static void remove(Process process) {
    synchronized (LIVE) {
      LIVE.remove(process);
    }
  }

  static void askToStop(Process process) {
    process.destroy();
    if (process.isAlive()) {
      signal(process, "CONT"); // a paused process handles no other signal before this one
    }
  }

  static void signal(Process process, String signal) {
    try {
      // the shell's built-in kill: there may be no such program
      Process kill =
          new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + process.pid())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (kill.waitFor() != 0 && process.isAlive()) {
        throw new StackException("cannot send " + signal + " to process " + process.pid());
      }
    } catch (IOException e) {
      throw new StackException("cannot send " + signal + " to process " + process.pid(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("interrupted while signalling process " + process.pid(), e);
    }
  }

  private static void endAll() {
    List<Process> processes;
    synchronized (LIVE) {
      ending = true;
      processes = List.copyOf(LIVE);
    }
    processes.forEach(Process::destroyForcibly);
    for (Process process : processes) {
      try {
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}
