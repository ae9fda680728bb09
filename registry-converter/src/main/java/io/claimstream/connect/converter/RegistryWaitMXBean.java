/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.converter;

/** A task that waits for the schema registry; published over JMX while it waits. */
public interface RegistryWaitMXBean {
  /** Returns the seconds since the registry became unavailable to this task. */
  double getSeconds();

  /** Returns the number of retries. */
  long getAttempts();
}
