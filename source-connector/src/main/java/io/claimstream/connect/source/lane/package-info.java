/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Lanes: what a task reads, how lanes are dealt to tasks, and their places in Connect's offsets.
 */
@NullMarked
package io.claimstream.connect.source.lane;

import org.jspecify.annotations.NullMarked;
