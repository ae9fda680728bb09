/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reading of a stream through a consumer group: fencing, recovery of the group, and recovery of
 * pending entries.
 */
@NullMarked
package io.claimstream.connect.source.read;

import org.jspecify.annotations.NullMarked;
