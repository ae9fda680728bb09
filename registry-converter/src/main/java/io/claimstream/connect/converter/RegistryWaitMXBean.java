/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.converter;

/** A task that waits for the schema registry; published over JMX for as long as it does. */
public interface RegistryWaitMXBean {
  /** Seconds since the registry became unavailable to this task. */
  double getSeconds();

  /** How often it was tried again. */
  long getAttempts();
}
