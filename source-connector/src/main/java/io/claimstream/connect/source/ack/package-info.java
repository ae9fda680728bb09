/* SPDX-License-Identifier: Apache-2.0 */
/** Tracking of the entries that Kafka has, and their acknowledgement to Redis. */
@NullMarked
package io.claimstream.connect.source.ack;

import org.jspecify.annotations.NullMarked;
