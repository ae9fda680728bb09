/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Lanes (one consumer on one stream): their assignment to tasks, their ownership and connections,
 * and their source partitions and offsets in Connect.
 */
@NullMarked
package io.claimstream.connect.source.lane;

import org.jspecify.annotations.NullMarked;
