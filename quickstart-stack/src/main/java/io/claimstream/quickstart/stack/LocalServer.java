/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.stack;

/** A server on loopback, in a process of its own. */
public abstract sealed class LocalServer implements AutoCloseable
    permits RedisServer, KafkaBroker, SchemaRegistry, ConnectWorker {
  private final ServerProcess process;

  LocalServer(ServerProcess process) {
    this.process = process;
  }

  /** Id of its process. */
  public final long pid() {
    return process.pid();
  }

  /** Whether its process runs, be it paused. */
  public final boolean isAlive() {
    return process.isAlive();
  }

  /** Starts it and returns when it is ready. */
  public final void start() {
    process.start();
  }

  /** Ends it at once, as a crash does. */
  public final void kill() {
    process.kill();
  }

  /** Freezes it: connections stay open and nothing answers. */
  public final void pause() {
    process.pause();
  }

  /** Lets it go on after a pause. */
  public final void resume() {
    process.resume();
  }

  /** Starts it again, on the same port and data, stopping it first if it runs. */
  public final void restart() {
    process.restart();
  }

  @Override
  public final void close() {
    process.close();
  }
}
