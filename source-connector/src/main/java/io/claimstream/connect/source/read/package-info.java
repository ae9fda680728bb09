/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reading of a stream through a consumer group by one consumer: recovery of the group, recovery of
 * pending entries, and new entries.
 */
@NullMarked
package io.claimstream.connect.source.read;

import org.jspecify.annotations.NullMarked;
