/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import java.util.Map;

/** Redis servers that belong to one test, which may do with them what it likes. */
interface OwnRedis extends AutoCloseable {
  /** The settings that lead a connector to them. */
  Map<String, String> settings();

  /** A connection to the one that takes writes. */
  Redis open();

  @Override
  void close();
}
