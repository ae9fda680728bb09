/* SPDX-License-Identifier: Apache-2.0 */
/** Kafka to Redis Streams: what Connect starts, and what wires the parts. */
@NullMarked
package io.claimstream.connect.sink;

import org.jspecify.annotations.NullMarked;
