/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.deadletter;

import io.claimstream.connect.redis.error.ErrorSettings;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * Logs dead-lettered records as Connect's {@code errors.log.*} settings require: each one, with its
 * contents only on request; or, by default, at most one line a minute with their number, which is
 * visible but does not turn a flood of bad input into a flood of lines. Safe for use by several
 * threads.
 */
public final class DeadLetterLog {
  private final Logger log;
  private final ErrorSettings settings;
  private final ThrottledCount unreported;

  /**
   * Creates a log.
   *
   * @param clock steady time
   */
  public DeadLetterLog(Logger log, ErrorSettings settings, InstantSource clock) {
    this.log = log;
    this.settings = settings;
    this.unreported = new ThrottledCount(clock);
  }

  /**
   * Records a dead letter.
   *
   * @param reason the record's location and the reason, never its contents
   * @param payload the record's contents; called only if they may be logged
   */
  public synchronized void note(String reason, Supplier<String> payload) {
    if (settings.logged()) {
      log.error("Dead-lettered: {}{}", reason, settings.withPayload() ? ": " + payload.get() : "");
      return;
    }
    log.debug("Dead-lettered: {}", reason);
    unreported
        .add()
        .ifPresent(
            count ->
                log.warn(
                    "Dead-lettered {} (errors.tolerance=all; errors.log.enable=true logs each one),"
                        + " most recently: {}",
                    count,
                    reason));
  }

  /** Logs the number of dead letters that have not been logged yet. */
  public synchronized void close() {
    unreported
        .remaining()
        .ifPresent(count -> log.warn("Dead-lettered {} more (errors.tolerance=all)", count));
  }
}
