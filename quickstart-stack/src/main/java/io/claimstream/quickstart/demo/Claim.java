/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.math.BigDecimal;

/**
 * A claim in the middle of its life, as {@link ClaimGenerator} invents it.
 *
 * @param id such as {@code CLM-100042}
 * @param customer such as {@code CUST-00317}
 * @param region where the customer lives
 * @param channel how the claim came in
 * @param amount what is claimed, with two decimals
 * @param next the type of the event that comes next
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
