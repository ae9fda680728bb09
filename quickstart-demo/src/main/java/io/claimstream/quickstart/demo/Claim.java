/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.math.BigDecimal;

/**
 * A claim in the middle of its life, as created by {@link ClaimGenerator}.
 *
 * @param id such as {@code CLM-100042}
 * @param customer such as {@code CUST-00317}
 * @param region the customer's region
 * @param channel the channel through which the claim was submitted
 * @param amount the claimed amount, with two decimals
 * @param next the type of the next event
 */
record Claim(
    String id, String customer, String region, String channel, BigDecimal amount, String next) {

  Claim withNext(String type) {
    return new Claim(id, customer, region, channel, amount, type);
  }

  Claim withAmount(BigDecimal decided) {
    return new Claim(id, customer, region, channel, decided, next);
  }
}
