/* SPDX-License-Identifier: Apache-2.0 */
/** Delivery guarantees: how often a record is appended across retries, crashes and rebalances. */
@NullMarked
package io.claimstream.connect.sink.deliver;

import org.jspecify.annotations.NullMarked;
