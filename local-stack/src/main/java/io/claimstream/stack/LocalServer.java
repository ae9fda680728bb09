/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

/** A server on loopback in a process of its own. */
public abstract sealed class LocalServer implements AutoCloseable
    permits RedisServer, KafkaBroker, SchemaRegistry, ConnectWorker {
  private final ServerProcess process;

  LocalServer(ServerProcess process) {
    this.process = process;
  }

  /** Returns the process id. */
  public final long pid() {
    return process.pid();
  }

  /** Returns whether the process is running, paused or not. */
  public final boolean isAlive() {
    return process.isAlive();
  }

  /** Starts the server and returns when it is ready. */
  public final void start() {
    process.start();
  }

  /** Ends the server at once, as a crash does. */
  public final void kill() {
    process.kill();
  }

  /** Freezes the server: connections stay open, but nothing replies. */
  public final void pause() {
    process.pause();
  }

  /** Resumes the server after a pause. */
  public final void resume() {
    process.resume();
  }

  /** Restarts the server on the same port and data; stops it first if it is running. */
  public final void restart() {
    process.restart();
  }

  @Override
  public final void close() {
    process.close();
  }
}
