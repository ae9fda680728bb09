/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

/**
 * Limit on the deliveries of an entry that does not reach Kafka ({@code redis.max.deliveries}).
 *
 * <p>Redis counts deliveries per entry, and cannot know which of the entries in flight ended a
 * task, or whether the task was killed for another reason. So the delivery that reaches the limit,
 * and all after it, are of one entry alone, and an entry is given up after {@link #TRIES_ALONE} of
 * these. The count itself shows how many of them there were.
 *
 * @param deliveries deliveries at which an entry is delivered alone for the first time, at least 2;
 *     0 = entries are never given up
 */
public record DeliveryLimit(int deliveries) {
  /**
   * Tries alone before an entry is given up. A single one would blame a good entry whenever its
   * worker happens to be killed during that try.
   */
  static final int TRIES_ALONE = 3;

  /** Whether an entry that was delivered that often must be delivered alone, if at all. */
  public boolean isReachedByNext(long delivered) {
    return deliveries > 0 && delivered >= deliveries - 1;
  }

  /** Whether an entry that was delivered that often is given up. */
  public boolean isUsedUp(long delivered) {
    return deliveries > 0 && delivered >= most();
  }

  /** Whether an entry was delivered once more, as a dead letter, after it had been given up. */
  public boolean isExceeded(long delivered) {
    return deliveries > 0 && delivered > most();
  }

  private int most() {
    return deliveries - 1 + TRIES_ALONE;
  }
}
