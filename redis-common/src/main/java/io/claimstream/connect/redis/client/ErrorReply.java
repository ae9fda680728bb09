/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.error.RedisErrors;

/**
 * An error that Redis sent as the reply to one command of a pipeline or transaction.
 *
 * @param text the server's message, which begins with a code such as {@code OOM}
 */
public record ErrorReply(String text) {

  /** Returns the code at the beginning, such as {@code NOGROUP}. */
  public String code() {
    return RedisErrors.codeOf(text);
  }
}
