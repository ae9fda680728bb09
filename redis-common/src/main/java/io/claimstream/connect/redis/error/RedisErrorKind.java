/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

/** Kind of a Redis failure, which determines how the connector handles it. */
public enum RedisErrorKind {
  /** Redis is unavailable for now; the same call may succeed later. */
  OUTAGE,
  /** Redis refused this one record; the others are fine. */
  RECORD,
  /** A setting, a permission or a key must be changed; retrying does not help. */
  CONFIGURATION
}
