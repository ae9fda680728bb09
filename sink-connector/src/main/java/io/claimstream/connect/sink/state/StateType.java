/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

/** What the value of a key in Redis is. */
public enum StateType {
  /** A hash with a field for each member of the record's value. */
  HASH,
  /** A string that contains the record's value as JSON. */
  JSON_STRING,
  /** A JSON document of the module RedisJSON, which Redis 8 includes. */
  JSON
}
