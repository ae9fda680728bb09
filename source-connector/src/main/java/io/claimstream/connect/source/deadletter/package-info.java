/* SPDX-License-Identifier: Apache-2.0 */
/** Entries that cannot be processed: kept in a stream of their own instead of being lost. */
@NullMarked
package io.claimstream.connect.source.deadletter;

import org.jspecify.annotations.NullMarked;
