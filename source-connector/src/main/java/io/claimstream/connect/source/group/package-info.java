/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A consumer group on a stream: its commands, its state in Redis, and the position at which it
 * starts.
 */
@NullMarked
package io.claimstream.connect.source.group;

import org.jspecify.annotations.NullMarked;
