/* SPDX-License-Identifier: Apache-2.0 */
/** What survives retries, crashes and rebalances: how often a record is appended. */
@NullMarked
package io.claimstream.connect.sink.deliver;

import org.jspecify.annotations.NullMarked;
