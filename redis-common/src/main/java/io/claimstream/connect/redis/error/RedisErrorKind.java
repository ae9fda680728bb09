/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

/** What a Redis failure asks for. */
public enum RedisErrorKind {
  /** The server cannot serve right now; the same call may work later. Nothing to change. */
  OUTAGE,
  /** The server refused this one record; its neighbours are fine. */
  RECORD,
  /** Somebody has to change a setting, a right or a key; trying again does not help. */
  CONFIGURATION
}
